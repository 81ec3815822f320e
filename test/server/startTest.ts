import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type Config, readConfig } from "#config.ts";
import { type RunningServer, startServer } from "#server.ts";
import { asApplication } from "../database/freshDatabase.ts";
import { type Heard, heardLog } from "../identity/heardLog.ts";
import { passport, textOf } from "../identity/passports.ts";
import { UNLIMITED } from "./unlimited.ts";
import { type WaitingRoom, waitingRoom } from "./waitingRoom.ts";
import { needsOf } from "./needs.ts";

export const RUTH = passport("ruth", ["READER", "RELEASE_SECURITY"]);

/** A server of the test's own process. */
export interface TestServer {
  readonly server: RunningServer;
  readonly room: WaitingRoom;
  readonly heard: Heard;
}

/** A principals file with {@link RUTH} in it, of the calling test file's own. */
export function principalsFile(): { readonly path: string } {
  const file = { path: "" };
  beforeAll(async () => {
    file.path = path.join(
      await mkdtemp(path.join(tmpdir(), "holdfast-server-")),
      "principals.json",
    );
    await writeFile(file.path, textOf(RUTH));
  });
  afterAll(() => rm(path.dirname(file.path), { recursive: true, maxRetries: 5 }));
  return file;
}

/** A configuration for one Postgres, by its owner's address, and one principals file, on any free port. */
export function configFor(
  url: string,
  principals: string,
  change: Record<string, string> = {},
): Config {
  return readConfig({
    DATABASE_URL: asApplication(url),
    HOLDFAST_MIGRATION_URL: url,
    HOLDFAST_CONNECTIONS_MAX: "2",
    HOLDFAST_DATA: path.dirname(principals),
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: principals,
    ...UNLIMITED,
    ...change,
  });
}

/** Starts a server with the {@link waitingRoom} as its API. */
export async function startTestServer(config: Config): Promise<TestServer> {
  const heard = heardLog();
  const { room, openApi } = waitingRoom();
  const server = await startServer(config, {
    ...needsOf(heard.log),
    openApi,
  });
  return { server, room: await room, heard };
}
