import { canonical } from "#proof/canonical.ts";
import { arranged } from "#ledger/arranged.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import type { Opened } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";
import { chance } from "./chance.ts";
import { DRIFTS, type Act } from "./drifts.ts";
import type { Moment, Wire } from "./wire.ts";
import type { VerbNode } from "./verbNode.ts";

/** A place in a change at which something goes wrong (F01, F06). */
export interface Point {
  readonly name: string;
  /** Which drift is under way: one that writes one statement, or one that writes a transaction. */
  readonly drift: "operator hold" | "enclave unsealed";
  /** Null where the process goes when the ledger has answered and announced, before it replies. */
  readonly at: { readonly statement: RegExp; readonly moment: Moment } | null;
  /** Whether the change is there afterwards; null where the server and the fault race. */
  readonly isRecorded: boolean | null;
}

const SWAP = /^\s*WITH swapped AS/;
/** An append that follows another one closely writes without a look. */
const LOOK_OR_SWAP = /next_due AS "nextDue"|^\s*WITH swapped AS/;
const COMMIT = /^\s*commit\b/i;

/** Every point that is told apart, in the order in which a change comes to it. */
export const POINTS: readonly Point[] = [
  at("before anything", "operator hold", LOOK_OR_SWAP, "BEFORE", false),
  at("before the one statement of an append", "operator hold", SWAP, "BEFORE", false),
  at("while that statement commits", "operator hold", SWAP, "SENT", null),
  at("after it committed, before anybody knows", "operator hold", SWAP, "ANSWERED", true),
  {
    name: "after the announcement, before the reply",
    drift: "operator hold",
    at: null,
    isRecorded: true,
  },
  at("before a transaction", "enclave unsealed", /^\s*begin\b/i, "BEFORE", false),
  at("with its locks", "enclave unsealed", /INSERT INTO shared_subject/, "ANSWERED", false),
  at("after an insert", "enclave unsealed", /^\s*INSERT INTO shared_report/, "ANSWERED", false),
  at("after the heads moved", "enclave unsealed", SWAP, "ANSWERED", false),
  at("before COMMIT is sent", "enclave unsealed", COMMIT, "BEFORE", false),
  at("while it commits", "enclave unsealed", COMMIT, "SENT", null),
  at("between COMMIT and its answer", "enclave unsealed", COMMIT, "ANSWERED", true),
];

function at(
  name: string,
  drift: Point["drift"],
  statement: RegExp,
  moment: Moment,
  isRecorded: boolean | null,
): Point {
  return { name, drift, at: { statement, moment }, isRecorded };
}

/** What goes wrong there. */
export type Mishap = "KILL" | "CUT";

/** Where it goes wrong, and who looks. */
export interface Stage {
  readonly wire: Wire;
  readonly desk: Desk;
  readonly packet: Opened;
  /** The process whose changes are met; another one once it was killed. */
  readonly node: () => Promise<VerbNode>;
}

/** What the rounds came to. */
export interface Met {
  readonly seed: number;
  readonly faults: readonly string[];
  /** The answers by their keys, each as it was told first. */
  readonly acknowledged: ReadonlyMap<string, unknown>;
}

/** How often all points are gone through. */
export interface Course {
  readonly rounds: number;
  /** Of an earlier run, to have its order again. */
  readonly seed?: number;
}

/** Goes through points in an order of the seed's, as often as is said, and settles each by its key. */
export async function meetAll(
  stage: Stage,
  mishap: Mishap,
  { rounds, seed }: Course,
): Promise<Met> {
  const dice = chance(`${mishap} at named points`, seed);
  const faults: string[] = [];
  const acknowledged = new Map<string, unknown>();
  for (let round = 0; round < rounds; round += 1) {
    const left = POINTS.filter((point) => mishap === "KILL" || point.at !== null);
    while (left.length > 0) {
      const [point] = left.splice(dice.below(left.length), 1);
      if (point === undefined) continue;
      const drift = DRIFTS.find(({ name }) => name === point.drift);
      if (drift === undefined) throw new Error(`no drift is called ${point.drift}`);
      const act = drift.happens(stage.packet);
      const seen = await meet(stage, point, mishap, act);
      acknowledged.set(seen.key, seen.answer);
      faults.push(...seen.faults.map((fault) => `${mishap} ${point.name}: ${fault}`));
    }
  }
  return { seed: dice.seed, faults, acknowledged };
}

interface Seen {
  readonly key: string;
  readonly answer: unknown;
  readonly faults: readonly string[];
}

async function meet(stage: Stage, point: Point, mishap: Mishap, act: Act): Promise<Seen> {
  const key = String(act.input["idempotencyKey"]);
  const node = await stage.node();
  const happening =
    point.at === null
      ? node.gone
      : stage.wire.arm({
          ...point.at,
          happens: mishap === "CUT" ? (cut) => cut() : () => node.kill(),
        });
  const asking = node.ask({ ...act, thinkUs: 0, dies: point.at === null });
  await happening;
  if (mishap === "CUT") {
    // Its own to settle: whoever asked gets the answer to what was done once.
    const { outcome } = await asking;
    if (!outcome.done) return { key, answer: null, faults: [outcome.codes.join(", ")] };
    return { key, answer: outcome.answer, faults: difference(point, isRepeated(outcome.answer)) };
  }
  const answer = await VERBS[act.verb].call(stage.desk, act.by, act.input);
  if (answer instanceof Refusal) return { key, answer: null, faults: [answer.message] };
  return { key, answer, faults: difference(point, isRepeated(answer)) };
}

function difference({ isRecorded }: Point, isFound: boolean): string[] {
  if (isRecorded === null || isRecorded === isFound) return [];
  return [isFound ? "it was recorded" : "it was not recorded"];
}

function isRepeated(answer: unknown): boolean {
  return canonical(arranged(answer)).includes('"repeated":true');
}
