import path from "node:path";
import { expect, test } from "vitest";
import { ownFolder } from "../identity/passports.ts";
import { tryResuming } from "./resume.ts";
import { streamWorld } from "./streamWorld.ts";
import { CURL, SOCKETS } from "./transports.ts";

const world = streamWorld();
const folder = ownFolder();

test("readers come back to a server that is killed four times: none lost, none doubled, in order", async () => {
  const principals = path.join(folder.path, "mortal.json");
  const transports = [...SOCKETS, ...SOCKETS, CURL, CURL];
  const { readers, numbers } = await tryResuming(world, principals, {
    transports,
    placements: 900,
    kills: 4,
  });
  for (const { told, returns } of readers) {
    expect(told).toEqual(numbers);
    expect(returns).toBeGreaterThan(0);
  }
});
