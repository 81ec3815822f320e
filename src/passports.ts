import path from "node:path";
import type { Opened } from "#door/opened.ts";
import {
  type ChangeControlFile,
  NOT_CONTROLLED,
  openChangeKeys,
} from "#identity/changeKeysFile.ts";
import { IdentityDesk } from "#identity/desk.ts";
import { type FirstPrincipal, makeFirstPrincipal } from "#identity/firstPrincipal.ts";
import { type Oidc, openOidc } from "#identity/oidc.ts";
import { OfflineDesk } from "#identity/offline.ts";
import type { KnownDeployment } from "#identity/knownDeployment.ts";
import { type KnownGround, RememberedGround } from "#identity/offlineGround.ts";
import { openPrincipals, type Principals } from "#identity/principals.ts";
import { type KeyRing, openSigners } from "#identity/signers.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Log } from "#packet/log.ts";
import type { Name } from "#packet/name.ts";
import type { ChangeControl } from "#recovery/changeToken.ts";
import type { Revocations } from "#packet/revocation.ts";
import type { Config } from "./config.ts";

/** Everything that says who asks. */
export interface Passports {
  /** Whoever was made at this start, which was the first; else null. */
  readonly first: FirstPrincipal | null;
  readonly principals: Principals;
  /** Null where no identity provider is configured. */
  readonly oidc: Oidc | null;
  readonly signers: KeyRing;
  /** Whose tokens say how fast things may change. */
  readonly changes: ChangeControl;
  /** All the ways together. */
  readonly identity: IdentityDesk;
  /** Asks of everybody who may sign in offline, so that it is known when nobody can be asked. */
  readonly askOfResponders: () => Promise<KnownGround>;
  /** The epoch, asked for anew; the last one known while the database is away, null before the first. */
  readonly epoch: () => Promise<Epoch | null>;
  /** What somebody needs to know to sign in offline; the epoch is null before the first is known. */
  readonly signIn: () => Promise<{ readonly deployment: string; readonly epoch: string | null }>;
}

/** What the front door brings, and what the ledger is asked. */
export interface PassportNeeds {
  readonly ledger: Pick<Ledger, "deployment" | "moment" | "shared">;
  readonly revocations: Revocations;
  /** What was known before this start; null where nothing was. */
  readonly known: KnownDeployment | null;
  /** Makes 32 random bytes. */
  readonly newSalt: () => Uint8Array;
  readonly log: Log;
  readonly now: () => number;
  readonly wallNow: () => number;
}

/** Opens every way to sign in; what is opened is kept to be closed. Throws for a file that is faulty. */
export async function openPassports(
  config: Config,
  { ledger, revocations, known, newSalt, log, now, wallNow }: PassportNeeds,
  opened: Opened,
): Promise<Passports> {
  const { signers: file, revokedKeys: revokedFile } = config;
  const changes = await openChanges(config, log, now);
  opened.keep("change keys", () => Promise.resolve(changes.close()));
  const signers = await openSigners({ file, revokedFile, revocations, log, now });
  opened.keep("signers", () => Promise.resolve(signers.close()));
  const first = await firstIn(config, newSalt);
  if (first !== null) opened.keep("first principal", () => first.close());
  const principals = await openPrincipals({ file: config.principals, log, now });
  opened.keep("principals", () => principals.close());
  const keptFile = path.join(config.data, "oidc-keys.json");
  const oidc =
    config.oidc === null
      ? null
      : await openOidc({ file: config.oidc, log, now, wallNow, keptFile });
  if (oidc !== null) opened.keep("identity provider", () => oidc.close());
  const ground = new RememberedGround({
    epoch: async () => (await ledger.moment()).epoch,
    revokedOf: (people) => revokedOf(ledger, people),
    now,
    known: known ?? undefined,
  });
  opened.keep("what is known of the ledger", () => ground.close());
  const { deployment } = ledger;
  const offline = new OfflineDesk({ deployment, signers, principals, ground, log });
  return {
    first,
    principals,
    oidc,
    signers,
    changes,
    identity: new IdentityDesk({
      principals: attending(principals, signers),
      oidc,
      offline,
      revocations,
    }),
    askOfResponders: async () => {
      const listed = (await principals.listing())?.principals ?? [];
      const responders = listed.filter(({ responder }) => responder === true);
      await Promise.all([ground.epoch(), ...responders.map(({ name }) => ground.isRevoked(name))]);
      return ground.known();
    },
    epoch: () => ground.epochNow(),
    signIn: async () => ({ deployment, epoch: (await ground.epoch())?.toString() ?? null }),
  };
}

/** Only beside a database of our own, which is held: somebody else's asks for a deliberate principals file. */
function firstIn(
  { databaseUrl, data, principals: file }: Config,
  random: () => Uint8Array,
): Promise<FirstPrincipal | null> {
  return databaseUrl === null ? makeFirstPrincipal({ file, data, random }) : Promise.resolve(null);
}

function openChanges(
  { changeKeys: file }: Config,
  log: Log,
  now: () => number,
): Promise<ChangeControlFile> {
  return file === null ? Promise.resolve(NOT_CONTROLLED) : openChangeKeys({ file, log, now });
}

/** Whoever is let in, by whatever way, finds the keys as they are now: verbs do not wait for them. */
function attending(
  principals: Principals,
  signers: KeyRing,
): Pick<Principals, "authenticate" | "listing" | "look"> {
  return {
    authenticate: async (authorization) => {
      await signers.attend();
      return principals.authenticate(authorization);
    },
    look: () => principals.look(),
    listing: () => principals.listing(),
  };
}

/** Only of real packets: what an exercise revokes is not revoked (rule 2.3). */
async function revokedOf(
  ledger: Pick<Ledger, "shared">,
  people: readonly Name[],
): Promise<ReadonlySet<Name>> {
  const subjects = people.map((name) => ({ kind: "CREDENTIAL_REVOCATION", name }) as const);
  const { entries } = await ledger.shared(false, subjects);
  return new Set(
    entries.flatMap((entry) => (entry.kind === "CREDENTIAL_REVOCATION" ? [entry.person] : [])),
  );
}
