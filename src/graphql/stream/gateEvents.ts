import type { PacketId } from "#packet/name.ts";
import type { Gate } from "#workflow/gateRead.ts";
import type { Context } from "../context.ts";
import { GATE_QUIET_MS } from "../limits.ts";
import type { HeartbeatEvent } from "./events.ts";
import type { GateEvent } from "./eventTypes.ts";
import { orQuiet } from "./stream.ts";

/**
 * The answer now, and again whenever it becomes another; a heartbeat where it was asked anew and
 * is the same. Once it cannot be read, or not in time, it is CLOSED (rule 6.6) until it can be.
 */
export async function* gateEvents(
  context: Context,
  packet: PacketId,
  signal: AbortSignal,
): AsyncGenerator<GateEvent | HeartbeatEvent, void, undefined> {
  const { feed, cursors, presence } = context;
  let told: Gate | null = null;
  let head = 0n;
  for await (const _ of orQuiet(feed.stirs(packet, signal), GATE_QUIET_MS)) {
    const { value: answer, order } = await presence.gate(context, packet);
    const gate: Gate | null = answer ?? (told === null ? null : unreadable(told));
    if (gate === null) continue;
    // Where a reader goes on: as far as they were told, also while nothing can be read.
    if (gate.rests !== null) head = BigInt(gate.rests.revision);
    const cursor = cursors.write(`gate of ${packet}`, head);
    const mark = markOf(gate);
    const placed = { cursor, position: order, mark, head, committedAt: null };
    if (told !== null && mark === markOf(told)) yield { kind: "HEARTBEAT", ...placed };
    else yield { kind: "GATE", ...placed, gate };
    told = gate;
  }
}

/** What is told instead of an answer. */
function unreadable({ packet, epoch }: Gate): Gate {
  const closed = { status: "CLOSED", reasons: ["UNREADABLE"], validThroughEpoch: null } as const;
  return { ...closed, packet, epoch, rests: null };
}

/** What of a gate makes it another answer: everything but when it was asked. */
function markOf({ status, reasons, validThroughEpoch, rests }: Gate): string {
  return [status, reasons.join(), validThroughEpoch, rests?.digest, rests?.approval?.standing].join(
    " ",
  );
}
