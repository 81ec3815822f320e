import type { Actor, ActorKind, Role } from "#packet/actor.ts";
import type { ReportScope } from "#packet/reportScope.ts";
import type { Barred, Mapping, OidcFile } from "./oidcFile.ts";
import { AskersName } from "./principalsFile.ts";

/** What a token says of whoever brings it. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * Whoever the claims of a verified token make of its bearer, by the configured mappings alone; null
 * for whoever is barred, has no usable name, no role, or not exactly one kind: what is unknown
 * is nobody.
 */
export function actorOfClaims(file: OidcFile, claims: Claims): Actor | null {
  const name = AskersName.safeParse(saidAt(claims, file.nameClaim));
  if (!name.success || isBarred(file.barred, name.data, claims)) return null;
  const mappings = file.mappings.filter((mapping) => isMet(mapping, claims));
  const kinds = new Set(mappings.flatMap(({ kind }) => kind ?? []));
  const roles = new Set(mappings.flatMap(({ roles: given }) => given ?? []));
  const [kind] = kinds;
  if (kind === undefined || kinds.size !== 1 || roles.size === 0) return null;
  return actorOf(name.data, kind, [...roles], mappings);
}

function actorOf(
  actor: string,
  kind: ActorKind,
  roles: readonly Role[],
  mappings: readonly Mapping[],
): Actor {
  const known = { actor, kind, roles: Object.freeze([...roles]) };
  const scoped = mappings.flatMap(({ reports }) => (reports === undefined ? [] : [reports]));
  if (scoped.length === 0) return Object.freeze(known);
  return Object.freeze({ ...known, reports: Object.freeze(unionOf(scoped.flat())) });
}

/** All that any of these cover, each kind once. */
function unionOf(scopes: readonly ReportScope[]): ReportScope[] {
  const kinds = [...new Set(scopes.map(({ kind }) => kind))];
  return kinds.map((kind) => {
    const own = scopes.filter((scope) => scope.kind === kind);
    if (own.some(({ subjects }) => subjects === undefined)) return { kind };
    return { kind, subjects: [...new Set(own.flatMap(({ subjects }) => subjects ?? []))] };
  });
}

/** A claim that is a text, a list of texts, or, as `scope` is (RFC 8693, 4.2), texts with spaces between. */
function isMet({ claim, value }: Mapping, claims: Claims): boolean {
  const said = saidAt(claims, claim);
  if (Array.isArray(said)) return said.includes(value);
  if (typeof said !== "string") return false;
  return said === value || (claim.join() === "scope" && said.split(" ").includes(value));
}

/** Only what the token itself says: nothing that every object has. */
function saidAt(claims: Claims, steps: readonly string[]): unknown {
  let said: unknown = claims;
  for (const step of steps) {
    if (typeof said !== "object" || said === null || !Object.hasOwn(said, step)) return undefined;
    said = (said as Claims)[step];
  }
  return said;
}

/** Names that differ only in case are one here: whoever is barred gains nothing by another spelling. */
function isBarred(barred: readonly Barred[], name: string, { iat }: Claims): boolean {
  const own = barred.filter((one) => one.name.toLowerCase() === name.toLowerCase());
  return own.some(({ issuedBefore }) => {
    if (issuedBefore === undefined || typeof iat !== "number") return true;
    return iat * 1_000 < Date.parse(issuedBefore);
  });
}
