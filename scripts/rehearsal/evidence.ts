import type { Actor } from "#packet/actor.ts";
import type { Digest } from "#packet/name.ts";
import { type HashingWay, damaged, hashBytes, hashStreamed } from "./hashing.ts";
import { rollbackPackages } from "./holdNames.ts";
import type { Holding } from "./holding.ts";
import { TARGETS } from "./plan.ts";
import type { Props } from "./props.ts";
import { rebuild } from "./rebuilders.ts";
import { measurementOf } from "./sources.ts";
import type { PacketEntry, SharedEntry } from "./inputs.ts";

/** Somebody reads the bytes of each artifact and hashes them, now. */
export async function confirmations(holdings: readonly Holding[]): Promise<PacketEntry[]> {
  const entries: PacketEntry[] = [];
  for (const { name, digest, bytes } of holdings) {
    const observed = await hashBytes(bytes, "STREAMED");
    entries.push({ kind: "DIGEST_CONFIRMATION", artifact: name, digest, observed });
  }
  return entries;
}

/** The same of an artifact whose bytes arrive with one bit turned. */
export async function damagedConfirmation({ name, digest, bytes }: Holding): Promise<PacketEntry> {
  const observed = await hashStreamed(damaged(bytes));
  return { kind: "DIGEST_CONFIRMATION", artifact: name, digest, observed };
}

/** A rebuilder makes each artifact anew, as far as the rehearsal can: see `rebuild`. */
export async function checks(
  holdings: readonly Holding[],
  way: HashingWay,
  signal: AbortSignal,
): Promise<PacketEntry[]> {
  const rebuilt = await rebuild(holdings, way, signal);
  const byName = new Map(rebuilt.map((item) => [item.name, item.observed]));
  return holdings.flatMap(({ name, digest }): PacketEntry[] => {
    const observed = byName.get(name);
    if (observed === undefined) return [];
    return [{ kind: "REPRODUCIBILITY_CHECK", artifact: name, digest, observed }];
  });
}

/** A person's word about each of these shifts. */
export function words(
  { actor }: Actor,
  status: "COMMITTED" | "WITHDRAWN",
  shifts: readonly string[],
): PacketEntry[] {
  return shifts.map((shift) => ({ kind: "AVAILABILITY", person: actor, shift, status }));
}

/** A custodian hashes each rollback package and says under which seal it is kept. */
export async function custody({ actor }: Actor, props: Props): Promise<PacketEntry[]> {
  const entries: PacketEntry[] = [];
  for (const { name, holding } of rollbackPackages(props)) {
    const observed = await hashBytes(holding.bytes, "STREAMED");
    const seal = `seal.${name}.${actor}`;
    const { digest } = holding;
    const held = { status: "HELD", digest, observed, seal } as const;
    entries.push({ kind: "CUSTODY", package: name, custodian: actor, ...held });
  }
  return entries;
}

/** Every safeguard of every target is engaged. */
export function safeguards(): PacketEntry[] {
  return TARGETS.flatMap(({ target, safeguards: names }) =>
    names.map((safeguard): PacketEntry => ({
      kind: "SAFEGUARD",
      target,
      safeguard,
      status: "ENGAGED",
    })),
  );
}

/** An artifact is seen at a location. */
export function seen(artifact: string, digest: Digest, location: string): PacketEntry {
  return { kind: "OBSERVATION", artifact, digest, location, status: "SEEN" };
}

/** From now on nothing rests on this person's credential. */
export function revoked({ actor }: Actor): SharedEntry {
  return { kind: "CREDENTIAL_REVOCATION", person: actor };
}

/** An enclave is up, sealed and of the accepted measurement. */
export function sealed(enclave: string, seal: string): SharedEntry {
  const measurement = measurementOf(enclave);
  const state = { availability: "AVAILABLE", sealing: "SEALED", seal } as const;
  return { kind: "ENCLAVE_REPORT", enclave, ...state, measurement };
}

/** An enclave is up, but its seal is broken. */
export function unsealed(enclave: string): SharedEntry {
  const measurement = measurementOf(enclave);
  const state = { availability: "AVAILABLE", sealing: "UNSEALED", seal: null } as const;
  return { kind: "ENCLAVE_REPORT", enclave, ...state, measurement };
}
