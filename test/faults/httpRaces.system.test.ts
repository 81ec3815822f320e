import { expect, test } from "vitest";
import { DRIFTS, FREEZE } from "./drifts.ts";
import { httpTrack } from "./httpRaces.ts";

const track = httpTrack();

/** As long as an answer over HTTP takes when many are asked for at once. */
const thinkUsMax = 25_000;

test("rule 5.2: over HTTP, in 2,000 races of two servers no approval follows an acknowledged drift", async () => {
  const results = await track.raced({ races: 1000, lanes: 8, thinkUsMax });
  for (const result of results) {
    for (const { name } of DRIFTS) {
      expect(result.approvedFirst[name], name).toBeGreaterThan(25);
      expect(result.driftedFirst[name], name).toBeGreaterThan(25);
    }
    expect(result.approvedAfter).toBeGreaterThan(25);
    expect(result.driftedAfter).toBeGreaterThan(25);
  }
});

test("rule 6.5: nor does one follow an acknowledged freeze of the epoch", async () => {
  const results = await track.raced({ races: 20, lanes: 1, drifts: [FREEZE] });
  const sum = (side: "approvedFirst" | "driftedFirst"): number =>
    results.reduce((count, result) => count + (result[side]["freeze"] ?? 0), 0);
  expect(sum("approvedFirst")).toBeGreaterThan(0);
  expect(sum("driftedFirst")).toBeGreaterThan(0);
});
