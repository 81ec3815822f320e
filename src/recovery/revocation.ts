import { type RevocationList, type SignedList, shardOf } from "#proof/revocationList.ts";

/**
 * How far a version may rise at once. Whoever could jump to the last number there is would keep
 * every later list from being newer; so, a list a second, it takes longer than a century.
 */
export const VERSION_LEAP_MAX = 2n ** 32n;

/** Rule 6.1's backstop, for versions: one of a shard at most once in so many milliseconds. */
const VERSION_PAUSE_MS = 1_000;

/** What a node holds of a shard, or knows to have held. */
export interface HeldList {
  readonly version: bigint;
  /** Of the signed bytes, in hexadecimal. */
  readonly digest: string;
  /** Null where the list was lost and only what it was is known. */
  readonly revoked: ReadonlySet<string> | null;
}

/** Where a list is to be applied. */
export interface ListGround {
  readonly deployment: string;
  /** The shard that it was handed over for. */
  readonly shard: number;
  /** The node's own credentials, by their ids. */
  readonly own: readonly string[];
  /** Null before the first list. */
  readonly held: HeldList | null;
  /** Since the shard's last list was applied, in milliseconds; null where none was since the start. */
  readonly sinceMs: number | null;
}

/** Why a list is not applied. */
export type ListFaultCode =
  | "ANOTHER_DEPLOYMENT"
  | "ANOTHER_SHARD"
  | "NOT_NEWER"
  | "VERSION_LEAPS"
  | "TOO_SOON"
  | "TAKES_BACK"
  | "SELF_REVOKING";

export interface ListFault {
  readonly code: ListFaultCode;
  readonly message: string;
}

/**
 * Every reason not to apply a list whose signature counts; none, and it is to be applied. Revoked is
 * for good: a list has all that the one before it had. One that would revoke the node's own
 * credential is refused, so that a bad list takes at most those nodes that it does not name.
 */
export function listFaults(
  signed: Pick<SignedList, "list" | "digest">,
  ground: ListGround,
): readonly ListFault[] {
  const { list } = signed;
  const { deployment, shard, own } = ground;
  const faults: ListFault[] = [];
  const fault = (code: ListFaultCode, message: string): void => {
    faults.push({ code, message });
  };
  if (list.deployment !== deployment) fault("ANOTHER_DEPLOYMENT", "it is of another deployment");
  if (list.shard !== shard) fault("ANOTHER_SHARD", "it is the list of another shard");
  else if (list.revoked.some((id) => shardOf(id) !== shard)) {
    fault("ANOTHER_SHARD", "it has a credential of another shard");
  }
  faults.push(...versionFaults(signed, ground));
  if (takesBack(list, ground.held)) {
    fault("TAKES_BACK", "it lacks a credential that is revoked already: that is for good");
  }
  if (own.some((id) => list.revoked.includes(id))) {
    fault("SELF_REVOKING", "it would revoke this node's own credential");
  }
  return faults;
}

/** Whether a list is the very one that is held: to be answered as done. */
export function isHeld(digest: string, held: HeldList | null): boolean {
  return held !== null && held.revoked !== null && held.digest === digest;
}

function versionFaults(
  { list: { version }, digest }: Pick<SignedList, "list" | "digest">,
  { held, sinceMs }: ListGround,
): readonly ListFault[] {
  const present = held?.version ?? 0n;
  const faults: ListFault[] = [];
  // What was lost may come back as it was, and as nothing else.
  const isReturn = held !== null && held.revoked === null && held.digest === digest;
  if (version < present || (version === present && !isReturn)) {
    const message = `its version is not above ${present}, which is held`;
    faults.push({ code: "NOT_NEWER", message });
  }
  if (version - present > VERSION_LEAP_MAX) {
    const message = `its version is more than ${VERSION_LEAP_MAX} above ${present}, which is held`;
    faults.push({ code: "VERSION_LEAPS", message });
  }
  if (sinceMs !== null && sinceMs < VERSION_PAUSE_MS) {
    const message = "the shard had a list less than a second ago: hand it over again";
    faults.push({ code: "TOO_SOON", message });
  }
  return faults;
}

function takesBack({ revoked }: RevocationList, held: HeldList | null): boolean {
  if (held === null || held.revoked === null || held.revoked.size === 0) return false;
  const next = new Set(revoked);
  for (const id of held.revoked) if (!next.has(id)) return true;
  return false;
}
