import type { PacketId } from "#packet/name.ts";
import type { Desk } from "#workflow/desk.ts";
import { enclave, enclaves } from "../gate/reports.ts";
import { PAUL, PIA, UMA } from "../workflow/cast.ts";
import { BINDINGS, type Train, type Wire, newKey, onWire, settle } from "../workflow/trains.ts";
import { type Chance, chance } from "./chance.ts";
import { revisionIn } from "./races.ts";
import type { Told, VerbNode } from "./verbNode.ts";

/** What came of many races between a report and a packet that comes to depend on its subject. */
export interface OpeningsRaced {
  readonly seed: number;
  /** How often the packet had the report from its own first revision on the subject, or by one of the report's own. */
  readonly folded: number;
  readonly told: number;
  readonly violations: readonly string[];
}

const THINK_US_MAX = 10_000;
const HEAD_START_US = 1_000;

/** How long each side waits, so that on a machine of any speed now one comes first and now the other. */
class Starts {
  readonly #dice: Chance;
  /** How much longer the report waits than the packet; less than nothing where the packet does. */
  #reportLaterUs = 0;

  constructor(dice: Chance) {
    this.#dice = dice;
  }

  get packetUs(): number {
    return this.#dice.below(THINK_US_MAX) + Math.max(0, -this.#reportLaterUs);
  }

  get reportUs(): number {
    return this.#dice.below(THINK_US_MAX) + Math.max(0, this.#reportLaterUs);
  }

  /** Whoever came first waits longer the next time. */
  learn({ isTold }: Reported): void {
    this.#reportLaterUs += isTold ? -HEAD_START_US : HEAD_START_US;
  }
}

/** A report with a seal that no other has, so that whoever has seen it can be told. */
function reportOn(name: string, seal: string): Wire {
  return { idempotencyKey: newKey(), exercise: false, entries: [onWire(enclave(name, { seal }))] };
}

/** The seal by which a packet knows an enclave, its due reports folded anew from the rows. */
async function sealSeen(desk: Desk, packet: PacketId, name: string): Promise<string | null> {
  const seen = await desk.ledger.view(packet);
  const newest = seen?.state.facts.evidence.get(`ENCLAVE_REPORT ${name}`)?.at(-1);
  return newest?.kind === "ENCLAVE_REPORT" ? newest.seal : null;
}

/**
 * Opens packets in one process while another reports on an enclave that they depend on, and
 * accepts enclaves that are being reported on (decision 3): none may miss the report.
 */
export async function raceOpenings(
  { opener, reporter, desk }: { opener: VerbNode; reporter: VerbNode; desk: Desk },
  { races, lanes, seed }: { races: number; lanes: number; seed?: number },
): Promise<OpeningsRaced> {
  const dice = chance("opening against report", seed);
  const openings = new Starts(dice);
  const acceptances = new Starts(dice);
  const counts = { folded: 0, told: 0 };
  const violations: string[] = [];
  let left = races;
  const runLane = async (lane: number): Promise<void> => {
    const train = await settle(desk, `opening-${dice.seed}-${lane}`);
    while (left > 0) {
      const number = left;
      left -= 1;
      const raced = await openOnce({ opener, reporter }, train, `seal-${number}`, openings);
      openings.learn(raced);
      const { packet } = raced;
      const extra = `${train.train}-extra-${number}`;
      const accepting = await acceptOnce(
        { opener, reporter },
        { train, packet, extra },
        acceptances,
      );
      acceptances.learn(accepting);
      for (const each of [raced, accepting]) {
        if (each.isTold) counts.told += 1;
        else counts.folded += 1;
        const seal = await sealSeen(desk, packet, each.enclave);
        if (seal !== each.seal) violations.push(`${each.enclave}: ${seal} instead of ${each.seal}`);
      }
      const closing = { idempotencyKey: newKey(), packet, reason: "next race" };
      const by = { ...PIA, actor: "rex", roles: ["RELEASE_SECURITY" as const] };
      const ending = await opener.ask({ verb: "packetWithdraw", by, input: closing, thinkUs: 0 });
      if (!ending.outcome.done) violations.push(`not withdrawn: ${JSON.stringify(ending)}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_none, lane) => runLane(lane)));
  return { seed: dice.seed, ...counts, violations };
}

interface Nodes {
  readonly opener: VerbNode;
  readonly reporter: VerbNode;
}

interface Reported {
  readonly packet: PacketId;
  readonly enclave: string;
  readonly seal: string;
  /** Whether the report gave the packet a revision of its own. */
  readonly isTold: boolean;
}

async function openOnce(
  { opener, reporter }: Nodes,
  train: Train,
  seal: string,
  starts: Starts,
): Promise<Reported> {
  const [name] = train.enclaves;
  const wish = { idempotencyKey: newKey(), train: train.train, exercise: false };
  const input = { ...wish, bindings: BINDINGS, entries: [] };
  const [opened, report] = await Promise.all([
    opener.ask({ verb: "packetOpen", by: PIA, input, thinkUs: starts.packetUs }),
    reporter.ask({
      verb: "enclaveReport",
      by: PAUL,
      input: reportOn(name, seal),
      thinkUs: starts.reportUs,
    }),
  ]);
  const packet = packetIn(opened);
  return { packet, enclave: name, seal, isTold: isTold(report, packet) };
}

async function acceptOnce(
  { opener, reporter }: Nodes,
  { train, packet, extra }: { train: Train; packet: PacketId; extra: string },
  starts: Starts,
): Promise<Reported> {
  const [north, south] = train.enclaves;
  const source = onWire(enclaves([north, south, extra]));
  const wish = { idempotencyKey: newKey(), train: train.train, exercise: false, source };
  const [accepting, report] = await Promise.all([
    opener.ask({ verb: "sourceAccept", by: UMA, input: wish, thinkUs: starts.packetUs }),
    reporter.ask({
      verb: "enclaveReport",
      by: PAUL,
      input: reportOn(extra, "seal-extra"),
      thinkUs: starts.reportUs,
    }),
  ]);
  if (!accepting.outcome.done) throw new Error(`not accepted: ${JSON.stringify(accepting)}`);
  return { packet, enclave: extra, seal: "seal-extra", isTold: isTold(report, packet) };
}

function packetIn({ outcome }: Told): PacketId {
  if (!outcome.done) throw new Error(`not opened: ${outcome.codes.join(", ")}`);
  return (outcome.answer as { packet: PacketId }).packet;
}

function isTold(report: Told, packet: PacketId): boolean {
  if (!report.outcome.done) throw new Error(`not reported: ${report.outcome.codes.join(", ")}`);
  return revisionIn(report, packet) !== null;
}
