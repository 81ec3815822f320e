import type { Actor, Role } from "#packet/actor.ts";
import type { Name } from "#packet/name.ts";
import { AuthorityKind } from "#packet/source.ts";
import { CannotRehearse } from "./cannotRehearse.ts";
import type { KeyHolders } from "./roster.ts";

/** Everybody who acts in the rehearsal. */
export interface Cast {
  readonly proposer: Actor;
  readonly confirmer: Actor;
  readonly owner: Actor;
  readonly preparer: Actor;
  /** Who may accept each kind of source. */
  readonly authorities: ReadonlyMap<AuthorityKind, Actor>;
  /** The key holders, in order of name. */
  readonly signers: readonly Actor[];
  /** Those of them who keep the rollback packages too. */
  readonly custodians: readonly Actor[];
  /** Who is committed to every shift, custodians first; then the one in reserve. */
  readonly core: readonly Actor[];
  readonly reserve: Actor;
  /** A signer whose credential will be revoked: made up anew each time, for that is for good. */
  readonly relief: Actor;
  readonly digestReader: Actor;
  readonly rebuilders: readonly [Actor, Actor];
  readonly enclaveMonitor: Actor;
  readonly rosterSystem: Actor;
  readonly publicationDesk: Actor;
  readonly registryWatch: Actor;
  readonly quarantineDesk: Actor;
  /** Who looks at the packet, follows it, and asks the gate. */
  readonly reader: Actor;
}

/** Each of the cast once, whatever parts they have. */
export function everybody(cast: Cast): readonly Actor[] {
  const { authorities, signers, custodians, core, rebuilders, ...single } = cast;
  const all = [...authorities.values(), ...signers, ...custodians, ...core, ...rebuilders];
  const byName = new Map([...all, ...Object.values(single)].map((actor) => [actor.actor, actor]));
  return [...byName.values()];
}

const CUSTODIANS = 3;

function person(actor: Name, ...roles: Role[]): Actor {
  return { actor, kind: "PERSON", roles };
}

function reporter(actor: Name): Actor {
  return { actor, kind: "SYSTEM", roles: ["REPORTER"] };
}

/** Somebody whom only single sign-on knows. */
export const BY_SINGLE_SIGN_ON: Actor = person("duty.dana", "READER");

/**
 * Gives out the parts. Every shift has a seat more than the threshold, for a custodian, so that
 * the core just fills it, and one key holder is in reserve. `mark` tells the names of this performance from those of others.
 *
 * @throws {CannotRehearse} if there are too few key holders for that.
 */
export function castOf({ people, threshold }: KeyHolders, mark: string | null): Cast {
  const signers = people.map((name) => person(name, "REPORTER"));
  const core = signers.slice(0, threshold + 1);
  const reserve = signers[threshold + 1];
  if (reserve === undefined || threshold < CUSTODIANS) {
    throw new CannotRehearse(
      `${people.length} key holders with ${threshold} needed are too few to rehearse with`,
    );
  }
  return {
    proposer: person("security.ada", "RELEASE_SECURITY"),
    confirmer: person("security.bao", "RELEASE_SECURITY"),
    owner: person("owner.ines", "APPROVAL_OWNER"),
    preparer: person("preparer.pavel", "PREPARER"),
    authorities: new Map(AuthorityKind.options.map((kind) => [kind, authorityFor(kind)])),
    signers,
    custodians: core.slice(0, CUSTODIANS),
    core,
    reserve,
    relief: person(mark === null ? "relief.remy" : `relief.remy.${mark}`, "REPORTER"),
    digestReader: reporter("digest-reader"),
    rebuilders: [reporter("rebuilder-streamed"), reporter("rebuilder-whole")],
    enclaveMonitor: reporter("enclave-monitor"),
    rosterSystem: reporter("roster-system"),
    publicationDesk: person("publication.chi", "REPORTER"),
    registryWatch: reporter("registry-watch"),
    quarantineDesk: person("quarantine.quinn", "REPORTER"),
    reader: person("reader.noa", "READER"),
  };
}

function authorityFor(kind: AuthorityKind): Actor {
  return person(AUTHORITIES[kind], "SOURCE_AUTHORITY");
}

const AUTHORITIES: Readonly<Record<AuthorityKind, Name>> = {
  OUTAGE_DECLARATION: "incident.omar",
  TRUSTED_BRANCH: "build.greta",
  MANIFEST: "build.greta",
  REPRODUCIBILITY_POLICY: "build.greta",
  ROLLBACK_SCOPE: "build.greta",
  REQUIRED_ENCLAVES: "ceremony.tove",
  ROSTER: "ceremony.tove",
  SHIFT_CALENDAR: "ceremony.tove",
  QUORUM_POLICY: "ceremony.tove",
  FRESHNESS_POLICY: "policy.raj",
  PUBLICATION_SCOPE: "publication.uma",
  ACCEPTED_REPORTERS: "policy.raj",
  SHIPMENT_WINDOW: "incident.omar",
};
