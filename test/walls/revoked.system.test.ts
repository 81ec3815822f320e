import { expect, test } from "vitest";
import { passport } from "../identity/passports.ts";
import type { Dashboard } from "./dashboard.ts";
import { headsOf, positionOf } from "./losses.ts";
import { firstOf, seenFaults, toldAfter } from "./seen.ts";
import { reader, wall } from "./wall.ts";

const built = wall("rights that are taken away");

const MADE = 30;

/** What is left of somebody, as the principals file has it. */
const LEFT = [
  { loses: "their place in the file", left: [] },
  { loses: "the right to read", left: [passport("zoe", ["OPERATOR"])] },
] as const;

test.each(LEFT)(
  "I13: whoever loses $loses is told of nothing that is committed later, on any node",
  async ({ left }) => {
    const it = built.it;
    const zoe = reader("zoe");
    await it.admit(zoe);
    const drift = await it.drift(2);
    // Known to both nodes before the world moves, or a late look would turn them away.
    await it.known(zoe);
    const neighbours = await it.watch(it.everyShowing(it.packets));
    const revoked = await it.watch(it.everyShowing(it.packets, zoe));
    drift.begin(4);
    await drift.made(MADE);
    await it.admit(...left);
    const heads = await headsOf(it);
    await drift.made(MADE);
    await Promise.all(revoked.map((dashboard: Dashboard) => dashboard.forbidden()));
    await drift.end();
    const marks = await drift.ring();
    await it.converged(marks, neighbours);
    const position = await positionOf(it, heads);
    expect(firstOf(revoked.flatMap((one) => toldAfter(one, heads, position)))).toEqual([]);
    const truth = await it.truth();
    expect(firstOf(revoked.flatMap((one) => seenFaults(one, truth, "BEGINNING")))).toEqual([]);
    expect(await it.faultsIn(drift, neighbours)).toEqual([]);
  },
);
