import { confirmation } from "../gate/reports.ts";
import { OLGA, PAUL, PIA } from "./cast.ts";
import { type RefusalRow, about, invalid, key } from "./refusalRow.ts";
import { BINDINGS, type Opened, type Wire, approvalOf, onWire } from "./trains.ts";

/** No signature of anything; where nobody has a key, none would count. */
const armored = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n";

function rejection({ packet, revision, digest }: Opened, change: Wire = {}): Wire {
  const signature = { revision, digest, epoch: "0", armored, ...change };
  return { ...key(), packet, reason: "why two bags?", signature };
}

const LATEST = "9223372036854775807";

/** What is refused for the signature that was given, or for what it names. */
export const SIGNATURE_REFUSALS: readonly RefusalRow[] = [
  {
    verb: "packetApprove",
    why: "with a signature that is none (rule 5.1)",
    ask: (at) => ({
      by: OLGA,
      // Whatever the epoch of the revision is: it lies neither before it nor in the future.
      input: { ...approvalOf(at.approved), signature: { epoch: LATEST, armored } },
    }),
    code: "APPROVAL_REFUSED",
    reasons: ["ALREADY_APPROVED", "SIGNATURE_INVALID", "SIGNATURE_INVALID"],
  },
  {
    verb: "packetReject",
    why: "with a signature that is none",
    ask: (at) => ({ by: OLGA, input: rejection(at.ready, { epoch: LATEST }) }),
    code: "SIGNATURE_INVALID",
  },
  {
    verb: "packetReject",
    why: "with a signature of a digest that no revision has",
    ask: (at) => ({ by: OLGA, input: rejection(at.ready, { digest: "ab".repeat(32) }) }),
    code: "DIGEST_UNKNOWN",
  },
  {
    verb: "packetReject",
    why: "with a signature of a revision after which a hold opened",
    ask: (at) => ({ by: OLGA, input: rejection(at.overtaken) }),
    code: "STALE_REVISION",
  },
  invalid(
    "readinessRecord",
    "with a signature that is none",
    about("ready", PAUL, {
      entries: [onWire({ ...confirmation("app"), observedEpoch: "0", signature: armored })],
    }),
    ["entries", 0, "signature"],
  ),
  invalid(
    "readinessRecord",
    "with a signature that names no epoch",
    about("ready", PAUL, {
      entries: [onWire({ ...confirmation("app"), signature: armored })],
    }),
    ["entries", 0, "observedEpoch"],
  ),
  invalid(
    "packetOpen",
    "with a signed entry about a packet that has no id yet",
    () => ({
      by: PIA,
      input: {
        ...key(),
        train: "settled",
        exercise: false,
        bindings: BINDINGS,
        entries: [onWire({ ...confirmation("app"), observedEpoch: "0", signature: armored })],
      },
    }),
    ["entries", 0, "signature"],
  ),
];
