import type { Gate } from "#workflow/gateRead.ts";
import { GATE_QUIET_MS } from "../limits.ts";
import type { HeartbeatEvent } from "./events.ts";
import type { GateEvent } from "./eventTypes.ts";
import type { Present } from "./presence.ts";
import { orQuiet } from "./stream.ts";

/** Where the answers of one gate come from. */
export interface GateSource {
  /** What it answers now; null where that cannot be read, or not in time. */
  readonly read: () => Promise<Present<Gate | null>>;
  /** Whenever the answer may have become another. */
  readonly stirs: (signal: AbortSignal) => AsyncIterable<void>;
  /** Where a reader goes on who was told of this revision. */
  readonly cursorAt: (head: bigint) => string;
}

/**
 * The answer now, and again whenever it becomes another; a heartbeat where it was asked anew and
 * is the same. Once it cannot be read, or not in time, it is CLOSED (rule 6.6) until it can be.
 */
export async function* gateEvents(
  { read, stirs, cursorAt }: GateSource,
  signal: AbortSignal,
): AsyncGenerator<GateEvent | HeartbeatEvent, void, undefined> {
  let told: { readonly gate: Gate; readonly mark: string } | null = null;
  let head = 0n;
  for await (const _ of orQuiet(stirs(signal), GATE_QUIET_MS)) {
    const { value: answer, order } = await read();
    const gate: Gate | null = answer ?? (told === null ? null : unreadable(told.gate));
    if (gate === null) continue;
    // Where a reader goes on: as far as they were told, also while nothing can be read.
    if (gate.rests !== null) head = BigInt(gate.rests.revision);
    const mark = markOf(gate, head);
    const at = { cursor: cursorAt(head), position: order, mark, head };
    const placed = { ...at, committedAt: null, isUnread: answer === null };
    yield mark === told?.mark
      ? { kind: "HEARTBEAT", ...placed }
      : { kind: "GATE", ...placed, gate };
    told = { gate, mark };
  }
}

/** What is told instead of an answer. */
function unreadable({ packet, epoch }: Gate): Gate {
  const closed = { status: "CLOSED", reasons: ["UNREADABLE"], validThroughEpoch: null } as const;
  return { ...closed, packet, epoch, rests: null };
}

/**
 * What of a gate makes it another answer: everything but when it was asked. Two that cannot be read
 * are told apart by how far was read before, which a heartbeat repeats.
 */
function markOf({ status, reasons, validThroughEpoch, rests }: Gate, head: bigint): string {
  const approval = rests?.approval?.standing;
  return [status, reasons.join(), validThroughEpoch, head, rests?.digest, approval].join(" ");
}
