import path from "node:path";
import { LocalJournal } from "#accessLog/localJournal.ts";
import { openAccessLog } from "#accessLog/openAccessLog.ts";
import { RecordReader } from "#accessLog/readRecords.ts";
import { type HeldRights, RightsWatch } from "#accessLog/rightsWatch.ts";
import type { Opened } from "#door/opened.ts";
import { type Ticker, startTicker } from "#door/ticker.ts";
import type { AccessRecords } from "#graphql/accessRecords.ts";
import type { IdentityDesk } from "#identity/desk.ts";
import type { Principals } from "#identity/principals.ts";
import type { Principal } from "#identity/principalsFile.ts";
import type { KeyRing } from "#identity/signers.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { AccessLog } from "#packet/accessEvent.ts";
import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import { sha256Hex } from "#proof/digest.ts";
import { ClientAddress, type AddressedRequest } from "#rateLimits/clientAddress.ts";
import { RateLimits } from "#rateLimits/rateLimits.ts";
import { SharedCounts } from "#rateLimits/sharedCounts.ts";
import { ExerciseNotes } from "#reception/exerciseNotes.ts";
import { Reception } from "#reception/reception.ts";
import type { Desk } from "#workflow/desk.ts";
import { emergencyExercise } from "#workflow/emergencyExercise.ts";
import type { Config } from "./config.ts";
import type { Store } from "./store.ts";

/** How often roles and keys are compared with what was recorded of them, in milliseconds. */
const COMPARE_PAUSE_MS = 1_000;

/** What stands between whoever asks and everything that answers. */
export interface AccessKeeping {
  readonly access: AccessLog;
  readonly records: AccessRecords;
  readonly rates: RateLimits;
  readonly reception: Reception;
  readonly addressOf: (request: AddressedRequest) => string;
  /** Told of whoever came in by the emergency path. */
  readonly cameOffline: (actor: Actor) => Promise<void>;
  /** Begins to record changes of roles and keys. */
  watch(): Promise<Ticker>;
  /** Begins to tell the database what only this node has on record. */
  tellJournal(): Promise<Ticker>;
}

/** What it works with. */
export interface AccessKeepingNeeds {
  readonly store: Pick<Store, "records">;
  readonly ledger: Pick<Ledger, "deployment">;
  readonly identity: Pick<IdentityDesk, "authenticate">;
  readonly principals: Pick<Principals, "listing" | "look">;
  readonly signers: Pick<KeyRing, "look" | "holdings">;
  /** Where it is recorded that somebody used the emergency path. */
  readonly desk: Desk;
  /** Makes the id of this process. */
  readonly newId: () => string;
  /** Makes random bytes. */
  readonly newSalt: () => Uint8Array;
  readonly now: () => number;
  readonly log: Log;
}

/** Opens the records of access and the counts of rates; what is opened is kept to be closed. */
export function openAccessKeeping(
  { redisUrl, rates, trustedProxies, data }: Config,
  needs: AccessKeepingNeeds,
  opened: Opened,
): AccessKeeping {
  const { store, ledger, identity, newId, newSalt, now, log } = needs;
  const records = openAccessLog({ lines: store.records, node: newId(), now, log });
  opened.keep("records of access", () => records.close());
  const file = path.join(data, "access-journal.jsonl");
  const asked = (): Promise<unknown> => needs.desk.ledger.moment();
  const access = new LocalJournal({ access: records, file, asked, log });
  const exercised = (actor: Actor): Promise<void> =>
    emergencyExercise(needs.desk, actor, "OFFLINE_SIGN_IN");
  const notes = new ExerciseNotes({ record: exercised, log });
  opened.keep("notes of exercises", () => notes.settled());
  const cameOffline = (actor: Actor): Promise<void> => notes.came(actor);
  const chance = (): number => (newSalt()[0] ?? 0) / 256;
  const shared = redisUrl === null ? null : new SharedCounts({ url: redisUrl, chance, log });
  const limits = new RateLimits({ rates, deployment: ledger.deployment, shared, now });
  opened.keep("rates", () => Promise.resolve(limits.close()));
  const reader = new RecordReader(store.records.sql);
  const addresses = new ClientAddress(trustedProxies);
  return {
    access,
    records: {
      stretch: (filter, stretch) => reader.stretch(filter, stretch),
      total: (filter) => reader.total(filter),
      lastExercises: (people) => reader.lastExercises(people),
      settled: () => records.settled(),
      responders: async () =>
        (await listedBy(needs)).filter(({ responder }) => responder).map(({ name }) => name),
    },
    rates: limits,
    reception: new Reception({
      authenticate: (authorization) => identity.authenticate(authorization),
      rates: limits,
      access,
      cameOffline,
    }),
    cameOffline,
    addressOf: (request) => addresses.of(request),
    watch: () => watchRights(needs, reader, access),
    tellJournal: () =>
      startTicker({
        name: "the journal of access",
        tick: () => access.tell(),
        pauseMs: COMPARE_PAUSE_MS,
        log,
      }),
  };
}

async function listedBy({ principals }: AccessKeepingNeeds): Promise<readonly Principal[]> {
  return (await principals.listing())?.principals ?? [];
}

function watchRights(
  { principals, signers, log }: AccessKeepingNeeds,
  reader: RecordReader,
  access: AccessLog,
): Promise<Ticker> {
  const roles = new RightsWatch({
    code: "ROLES_CHANGED",
    held: async () => {
      await principals.look();
      const listing = await principals.listing();
      return listing && allRightsOf(listing.principals);
    },
    reader,
    access,
  });
  const keys = new RightsWatch({
    code: "KEYS_CHANGED",
    held: async () => {
      await signers.look();
      const holdings = signers.holdings();
      return holdings && [...holdings].map(([actor, rights]) => ({ actor, rights }));
    },
    reader,
    access,
  });
  return startTicker({
    name: "the comparison of rights with their records",
    tick: async () => (await Promise.all([roles.look(), keys.look()])).find((one) => one !== null),
    pauseMs: COMPARE_PAUSE_MS,
    log,
  });
}

const RIGHTS = new WeakMap<readonly Principal[], readonly HeldRights[]>();

/** What the file gives everybody, worked out once for what it says. */
function allRightsOf(principals: readonly Principal[]): readonly HeldRights[] {
  const rights = RIGHTS.get(principals) ?? principals.map(rightsOf);
  RIGHTS.set(principals, rights);
  return rights;
}

/** What the file gives somebody: their kind, their roles, and what widens or narrows those. */
function rightsOf({ name, kind, roles, responder, reports = [] }: Principal): HeldRights {
  const scopes = reports.map(({ kind: entry, subjects }) => {
    if (subjects === undefined) return `reports ${entry}`;
    // There may be a thousand: that they changed shows, and the file says how.
    return `reports ${entry} of ${subjects.length} (${sha256Hex(subjects.join(" ")).slice(0, 16)})`;
  });
  return {
    actor: name,
    rights: [kind, ...roles, ...(responder === true ? ["RESPONDER"] : []), ...scopes],
  };
}
