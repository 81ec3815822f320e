import { expect, test } from "vitest";
import { httpTrack } from "./httpRaces.ts";
import { total } from "./races.ts";

const track = httpTrack();

test("rule 5.2: over HTTP, in 40 races of two servers no approval follows an acknowledged drift", async () => {
  const results = await track.raced({ races: 20, lanes: 4 });
  for (const { approvedFirst, driftedFirst } of results) {
    expect(total(approvedFirst)).toBeGreaterThan(0);
    expect(total(driftedFirst)).toBeGreaterThan(0);
  }
});
