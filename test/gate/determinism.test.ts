import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gateAnswer } from "#gate/answer.ts";
import { earliestLapse, forecast, shiftArithmetic } from "#gate/forecast.ts";
import { reachEpoch } from "#gate/lapse.ts";
import { preview } from "#gate/preview.ts";
import { type Revised, openPacket, revise } from "#gate/revise.ts";
import { advisories } from "#gate/view.ts";
import type { Occurrence, PacketOpened } from "#packet/fact.ts";
import type { PacketState } from "#gate/state.ts";
import type { Sources } from "#packet/source.ts";
import { owner } from "./acts.ts";
import { Desk } from "./desk.ts";
import { played, scripts } from "./script.ts";

/** Everything that a state says, with its caches, as one text; of sources the digests say enough. */
function told(state: PacketState): string {
  const { register, cells, dues, facts, reviewed, ...rest } = state;
  const { evidence, manifest, manifests, sources, ...known } = facts;
  const all = {
    ...rest,
    reviewed: [reviewed.revision, digestsOf(reviewed.sources), reviewed.bindings],
    register: register.toArray(),
    cells: cells.toArray(),
    dues: dues.toArray(),
    evidence: evidence.toArray(),
    manifests: [manifest.version, ...manifests.keys()],
    sources: digestsOf(sources),
    known,
  };
  return JSON.stringify(all, (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}`;
    if (value instanceof Map || value instanceof Set) return [...(value as Iterable<unknown>)];
    return value;
  });
}

function digestsOf(sources: Sources): string[] {
  return Object.values(sources).map(({ kind, version, digest }) => `${kind} ${version} ${digest}`);
}

/** The same occurrences folded from nothing, as a cold start does. */
function folded(revisions: readonly Revised[]): PacketState[] {
  let state: PacketState | null = null;
  return revisions.map(({ occurrence }) => {
    state =
      state === null
        ? openPacket(occurrence as Occurrence<PacketOpened>).state
        : revise(state, occurrence).state;
    return state;
  });
}

/** Looks at everything that can be looked at, at several epochs. */
function lookAround(desk: Desk): void {
  for (const ahead of [0n, 1n, 4n]) {
    const { view } = reachEpoch(desk.state, desk.epoch + ahead);
    advisories(view);
    shiftArithmetic(desk.state, desk.epoch + ahead);
  }
  forecast(desk.state);
  earliestLapse(desk.state);
  gateAnswer(desk.state, desk.epoch, null);
  const fact = { kind: "OPERATOR_HOLD_PLACED", placement: 1, reason: "only asking" } as const;
  preview(desk.state, { fact, actor: owner, epoch: desk.epoch + 2n });
}

describe("rule 3.7: the same ledger always folds to the same state", () => {
  test("a cold fold of what was recorded gives every state again", () => {
    fc.assert(
      fc.property(scripts, (lines) => {
        const { revisions } = played(lines);
        expect(folded(revisions).map(told)).toEqual(revisions.map(({ state }) => told(state)));
      }),
      { numRuns: 30 },
    );
  });

  test("the same history twice gives the same states, digests included", () => {
    fc.assert(
      fc.property(scripts, (lines) => {
        expect(told(played(lines).state)).toEqual(told(played(lines).state));
      }),
      { numRuns: 20 },
    );
  });

  test("whoever looks in between, at whatever epoch, changes nothing of what follows", () => {
    fc.assert(
      fc.property(scripts, (lines) => {
        const alone = played(lines);
        const watched = played(lines, { between: lookAround });
        expect(watched.revisions.map(({ state }) => told(state))).toEqual(
          alone.revisions.map(({ state }) => told(state)),
        );
      }),
      { numRuns: 8 },
    );
  });

  test("time that passes at once or epoch by epoch writes the same revisions", () => {
    const slowly = (desk: Desk, epochs: bigint): void => {
      for (let epoch = 0n; epoch < epochs; epoch += 1n) desk.pass(1n);
    };
    fc.assert(
      fc.property(scripts, (lines) => {
        expect(told(played(lines, { pass: slowly }).state)).toEqual(told(played(lines).state));
      }),
      { numRuns: 20 },
    );
  });

  test("another packet that is judged in between is of no account", () => {
    fc.assert(
      fc.property(scripts, scripts, (lines, strange) => {
        const stranger = new Desk();
        const more = strange.values();
        const between = (): void => {
          more.next().value?.(stranger, (desk, epochs) => void desk.pass(epochs));
        };
        const beside = played(lines, { between });
        expect(told(beside.state)).toEqual(told(played(lines).state));
      }),
      { numRuns: 10 },
    );
  });

  test("a state that was built upon stays as it was", () => {
    fc.assert(
      fc.property(scripts, (lines) => {
        const remembered: [PacketState, string][] = [];
        played(lines, { between: ({ state }) => remembered.push([state, told(state)]) });
        for (const [state, before] of remembered) expect(told(state)).toBe(before);
      }),
      { numRuns: 20 },
    );
  });
});
