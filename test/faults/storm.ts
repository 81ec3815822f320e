import type { Sql } from "#database/connect.ts";
import type { Desk } from "#workflow/desk.ts";
import { OLGA } from "../workflow/cast.ts";
import { type Opened, approvalOf, openReady } from "../workflow/trains.ts";
import { chance } from "./chance.ts";
import { DRIFTS } from "./drifts.ts";
import { headIn, revisionIn } from "./races.ts";
import type { Told, VerbNode } from "./verbNode.ts";

/** What came of reports that each concern every packet, while the owner approves all of them. */
export interface Stormed {
  readonly seed: number;
  readonly reported: number;
  readonly approved: number;
  readonly refused: number;
  /** The longest that a report took to be acknowledged, in milliseconds, for the log. */
  readonly slowestMs: number;
  readonly violations: readonly string[];
}

/** How much of it. */
export interface Weather {
  readonly packets: number;
  /** Reports on one enclave that all packets share, all asked for at once. */
  readonly reports: number;
  readonly seed?: number;
}

const THINK_US_MAX = 50_000;

/** Why an approval that races these reports is refused. */
const LATE = new Set(["HELD", "STALE_REVISION"]);

/**
 * F08: packets that share their enclaves and their people; two processes report on one of them,
 * all reports at once, each of which locks every packet, and approve each packet meanwhile.
 */
export async function storm(
  { nodes, desk, sql }: { nodes: readonly [VerbNode, VerbNode]; desk: Desk; sql: Sql },
  { packets: count, reports, seed }: Weather,
): Promise<Stormed> {
  const dice = chance("many reports on many packets", seed);
  const enclaves = [`storm-${dice.seed}-north`, `storm-${dice.seed}-south`] as const;
  const packets: Opened[] = [];
  for (let index = 0; index < count; index += 1) {
    packets.push(await openReady(desk, `storm-${dice.seed}-${index}`, { enclaves }));
  }
  const drift = DRIFTS.find(({ name }) => name === "enclave unsealed");
  const [first] = packets;
  if (drift === undefined || first === undefined) throw new Error("there is nothing to report on");
  const reporting = Array.from({ length: reports }, async (_none, index) => {
    const act = index % 2 === 0 ? drift.happens(first) : await drift.ends[0]?.(first, 0, desk);
    if (act === undefined) throw new Error("the report has no opposite");
    return nodes[index % 2 === 0 ? 0 : 1].ask({ ...act, thinkUs: dice.below(THINK_US_MAX) });
  });
  const isOver = Promise.all(reporting).then(() => true);
  const approvals: Told[] = [];
  const approve = async (packet: Opened, lane: number): Promise<void> => {
    const headOf = headIn(sql);
    for (;;) {
      const head = await headOf(packet);
      if (typeof head !== "string") {
        const input = approvalOf(head);
        approvals.push(
          await nodes[lane % 2 === 0 ? 1 : 0].ask({
            verb: "packetApprove",
            by: OLGA,
            input,
            thinkUs: dice.below(THINK_US_MAX),
          }),
        );
      }
      if (await Promise.race([isOver, Promise.resolve(false)])) return;
    }
  };
  await Promise.all(packets.map(approve));
  const told = await Promise.all(reporting);
  const lateCodes = approvals.flatMap(({ outcome }) => (outcome.done ? [] : outcome.codes));
  return {
    seed: dice.seed,
    reported: told.length,
    approved: approvals.filter(({ outcome }) => outcome.done).length,
    refused: approvals.filter(({ outcome }) => !outcome.done).length,
    slowestMs: Math.max(...told.map(tookMs)),
    violations: [
      ...told.flatMap((each) => missed(each, packets)),
      ...lateCodes.filter((code) => !LATE.has(code)).map((code) => `an approval ended in ${code}`),
    ],
  };
}

/** A report that did not come through, or passed a packet by. */
function missed(told: Told, packets: readonly Opened[]): string[] {
  if (!told.outcome.done) return [`a report ended in ${told.outcome.codes.join(", ")}`];
  return packets
    .filter(({ packet }) => revisionIn(told, packet) === null)
    .map(({ packet }) => `a report passed ${packet} by`);
}

function tookMs({ askedNs, answeredNs }: Told): number {
  return Number((BigInt(answeredNs) - BigInt(askedNs)) / 1_000_000n);
}
