import { ages, commitment, enclave } from "../gate/reports.ts";
import type { PacketHead } from "#ledger/ledger.ts";
import { IVAN, PAUL, UMA } from "../workflow/cast.ts";
import { onWire } from "../workflow/trains.ts";
import type { Asked } from "./appendNode.ts";

/** Requests under way at once. */
export const LANES = 6;

/** The trains whose packets are appended to. */
export const TRAINS = ["load-0", "load-1", "load-2"] as const;

/** The next request of a lane: of each way in which the ledger writes, the plain append most often. */
export function inputOf({ packet, train, exercise }: PacketHead, key: string, turn: number): Asked {
  const idempotencyKey = `kill-${key}`;
  switch (turn % 8) {
    case 3: {
      const entries = [onWire(enclave(`${train}-north`))];
      const input = { idempotencyKey, exercise, entries };
      return { key: idempotencyKey, verb: "enclaveReport", by: PAUL, input };
    }
    case 5: {
      const source = onWire(ages({ digestMaxAge: BigInt(1000 + turn) }));
      const input = { idempotencyKey, train, exercise, source };
      return { key: idempotencyKey, verb: "sourceAccept", by: UMA, input };
    }
    case 7: {
      const input = { idempotencyKey, packet, reason: `turn ${turn}` };
      return { key: idempotencyKey, verb: "operatorHoldPlace", by: IVAN, input };
    }
    default: {
      const entries = [onWire(commitment("ana", "early"))];
      return {
        key: idempotencyKey,
        verb: "readinessRecord",
        by: PAUL,
        input: { idempotencyKey, packet, entries },
      };
    }
  }
}
