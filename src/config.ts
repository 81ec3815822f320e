import path from "node:path";
import type { z } from "zod";
import type { Rates } from "#rateLimits/rateLimits.ts";
import type { ClockRate } from "#recovery/clock.ts";
import { PACE_VARIABLES } from "#pace/paceConfig.ts";
import { WITNESS_VARIABLES } from "#witness/witnessConfig.ts";
import { EpochMs, isPostgresUrl, TickGapMs, Variables } from "./variables.ts";

/** Everything that the environment says about a server, read once. */
export interface Config {
  readonly mode: "development" | "production";
  /** A `postgres://` address, password included; null for the embedded database. */
  readonly databaseUrl: string | null;
  /** The same database's owner, who migrates and grants; null where `databaseUrl` names the owner. */
  readonly migrationUrl: string | null;
  /** A `redis://` or `rediss://` address, password included; null for a node that is alone. */
  readonly redisUrl: string | null;
  /** The directory that is the product's own. */
  readonly data: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The principals file. */
  readonly principals: string;
  /** The file about the identity provider; null where there is none. */
  readonly oidc: string | null;
  /** The file of the keys whose change tokens count; null where the change rate is not controlled. */
  readonly changeKeys: string | null;
  /** The file of allowed signers, which may be absent, and that of revoked keys. */
  readonly signers: string;
  readonly revokedKeys: string;
  /** The node's own name, which can be revoked; null where it has none. */
  readonly node: string | null;
  /** Other nodes that are asked for newer lists of revoked credentials. */
  readonly revocationPeers: readonly string[];
  /** The file of the key that signs checkpoints and gate statements. */
  readonly logKey: string;
  /** Where the last checkpoint is kept, outside the database. */
  readonly checkpoint: string;
  /** Whoever cosigns checkpoints; null for nobody. */
  readonly witness: { readonly url: string; readonly verifierKey: string } | null;
  readonly rate: ClockRate;
  /** How often who may ask. */
  readonly rates: Rates;
  /** Sockets from one address that a node has open at once. */
  readonly socketsPerAddress: number;
  /** Proxies that are believed about whom they ask for, as addresses or networks. */
  readonly trustedProxies: readonly string[];
  readonly introspection: boolean;
  /** Other origins whose pages may open sockets, as browsers send them. */
  readonly origins: readonly string[];
  readonly logLevel: "error" | "warn" | "info" | "silent";
  readonly connectionsMax: number;
  /** How long running requests are waited for at the end. */
  readonly drainMs: number;
}

/** One variable that has a fault, and what to do about it; no value is repeated. */
export interface ConfigFault {
  readonly variable: string;
  readonly message: string;
}

/** The environment cannot be served from; every fault is listed. */
export class ConfigFaulty extends Error {
  override readonly name = "ConfigFaulty";
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super(faults.map(({ variable, message }) => `${variable} ${message}`).join("\n"));
    this.faults = faults;
  }
}

/** The mapping bears one late tick: below this many epochs every ordinary tick could break it. */
const TICK_GAP_EPOCHS_MIN = 2;
const TICK_GAP_EPOCHS = 3;

/** Read by the test suite alone, which may share an environment with a server. */
const OF_THE_TESTS = [
  "HOLDFAST_HISTORIES",
  "HOLDFAST_MUTANT_SHARES",
  "HOLDFAST_TEST_DATA",
  "HOLDFAST_TEST_DATABASE_URL",
  "HOLDFAST_TEST_ROUNDS",
] as const;

/** Read by `npm run approval`, which is given what to come with. */
const OF_THE_SCRIPTS = ["HOLDFAST_AUTHORIZATION"] as const;

/** Others, which may be started from the same environment, read these. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  ...OF_THE_TESTS,
  ...OF_THE_SCRIPTS,
  ...PACE_VARIABLES,
  ...WITNESS_VARIABLES,
]);

/** By the names that other programs know them by, too. */
const WELL_KNOWN: ReadonlySet<string> = new Set(["DATABASE_URL", "REDIS_URL"]);

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the variables of an environment. Throws {@link ConfigFaulty} with every fault at once. */
export function readConfig(environment: Environment): Config {
  const ours = Object.entries(environment).filter(
    ([name]) => WELL_KNOWN.has(name) || (name.startsWith("HOLDFAST_") && !OF_OTHERS.has(name)),
  );
  const read = Variables.safeParse(Object.fromEntries(ours));
  const faults = [
    ...(read.error?.issues.flatMap(faultsOf) ?? []),
    ...rateFaults(environment),
    ...migrationFaults(environment),
    ...witnessFaults(environment),
    ...peerFaults(environment),
    ...productionFaults(environment),
  ];
  if (!read.success || faults.length > 0) throw new ConfigFaulty(faults);
  return configOf(read.data);
}

function configOf(read: z.output<typeof Variables>): Config {
  const isProduction = read.HOLDFAST_MODE === "production";
  const data = path.resolve(read.HOLDFAST_DATA);
  const epochMs = read.HOLDFAST_EPOCH_MS;
  return {
    mode: read.HOLDFAST_MODE,
    databaseUrl: read.DATABASE_URL ?? null,
    migrationUrl: read.HOLDFAST_MIGRATION_URL ?? null,
    redisUrl: read.REDIS_URL ?? null,
    data,
    host: read.HOLDFAST_HOST,
    port: read.HOLDFAST_PORT,
    principals: path.resolve(read.HOLDFAST_PRINCIPALS ?? path.join(data, "principals.json")),
    oidc: read.HOLDFAST_OIDC === undefined ? null : path.resolve(read.HOLDFAST_OIDC),
    changeKeys:
      read.HOLDFAST_CHANGE_KEYS === undefined ? null : path.resolve(read.HOLDFAST_CHANGE_KEYS),
    signers: path.resolve(read.HOLDFAST_SIGNERS ?? path.join(data, "allowed_signers")),
    revokedKeys: path.resolve(read.HOLDFAST_REVOKED_KEYS ?? path.join(data, "revoked_keys")),
    node: read.HOLDFAST_NODE ?? null,
    revocationPeers: read.HOLDFAST_REVOCATION_PEERS,
    logKey: path.resolve(read.HOLDFAST_LOG_KEY ?? path.join(data, "log.key")),
    checkpoint: path.resolve(read.HOLDFAST_CHECKPOINT ?? path.join(data, "checkpoint")),
    witness: witnessOf(read),
    rate: {
      epochMs,
      tickGapMaxMs: read.HOLDFAST_TICK_GAP_MAX_MS ?? TICK_GAP_EPOCHS * epochMs,
      ...(read.HOLDFAST_CHANGE_KEYS === undefined ? {} : { isKept: true }),
    },
    rates: {
      requestsPerMinute: read.HOLDFAST_REQUESTS_PER_MINUTE,
      decisionsPerMinute: read.HOLDFAST_DECISIONS_PER_MINUTE,
      failedSignInsPerMinute: read.HOLDFAST_FAILED_SIGN_INS_PER_MINUTE,
      newDocumentsPerMinute: read.HOLDFAST_NEW_DOCUMENTS_PER_MINUTE,
    },
    socketsPerAddress: read.HOLDFAST_SOCKETS_PER_ADDRESS,
    trustedProxies: read.HOLDFAST_TRUSTED_PROXIES,
    introspection: (read.HOLDFAST_INTROSPECTION ?? (isProduction ? "off" : "on")) === "on",
    origins: read.HOLDFAST_ORIGINS,
    logLevel: read.HOLDFAST_LOG_LEVEL ?? (isProduction ? "info" : "warn"),
    connectionsMax: read.HOLDFAST_CONNECTIONS_MAX,
    drainMs: read.HOLDFAST_DRAIN_MS,
  };
}

function witnessOf(read: z.output<typeof Variables>): Config["witness"] {
  const { HOLDFAST_WITNESS_URL: url, HOLDFAST_WITNESS_KEY: verifierKey } = read;
  return url === undefined || verifierKey === undefined ? null : { url, verifierKey };
}

function faultsOf(issue: z.core.$ZodIssue): ConfigFault[] {
  if (issue.code !== "unrecognized_keys") {
    return [{ variable: issue.path.join("."), message: issue.message }];
  }
  const known = Object.keys(Variables.shape).join(", ");
  return issue.keys.map((variable) => ({
    variable,
    message: `is not known; unset it, or mend its name: ${known}`,
  }));
}

function rateFaults(environment: Environment): ConfigFault[] {
  const epoch = EpochMs.safeParse(environment["HOLDFAST_EPOCH_MS"]);
  const gap = TickGapMs.safeParse(environment["HOLDFAST_TICK_GAP_MAX_MS"]);
  if (!epoch.success || gap.data === undefined) return [];
  if (gap.data >= TICK_GAP_EPOCHS_MIN * epoch.data) return [];
  const variable = "HOLDFAST_TICK_GAP_MAX_MS";
  return [{ variable, message: `must be at least ${TICK_GAP_EPOCHS_MIN} epochs` }];
}

/** Two roles on one database; that they are the right ones is looked at when it is asked. */
function migrationFaults(environment: Environment): ConfigFault[] {
  const { DATABASE_URL: application, HOLDFAST_MIGRATION_URL: owner } = environment;
  if (owner === undefined || !isPostgresUrl(owner)) return [];
  const fault = (message: string) => [{ variable: "HOLDFAST_MIGRATION_URL", message }];
  if (application === undefined) {
    return fault("is for the database of DATABASE_URL: set both, or neither for the EMBEDDED one");
  }
  if (!isPostgresUrl(application)) return [];
  const names = [userOf(application), userOf(owner)];
  if (names.includes("")) return fault("and DATABASE_URL must both say as whom to sign in");
  if (names[0] === names[1]) {
    return fault("must name another user than DATABASE_URL: the owner of the tables");
  }
  const isSame = new URL(application).pathname === new URL(owner).pathname;
  return isSame ? [] : fault("must name the same database as DATABASE_URL");
}

/** The role that an address signs in as; empty where it does not say. */
export function userOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url).username);
  } catch {
    return "";
  }
}

/** Its word counts only under a key that is known beforehand. */
function witnessFaults(environment: Environment): ConfigFault[] {
  const names = ["HOLDFAST_WITNESS_KEY", "HOLDFAST_WITNESS_URL"] as const;
  const missing = names.filter((variable) => environment[variable] === undefined);
  if (missing.length !== 1) return [];
  return missing.map((variable) => ({
    variable,
    message: "must be set too: key and address go together",
  }));
}

/** A node shows its peers by its name that it may ask. */
function peerFaults(environment: Environment): ConfigFault[] {
  if (environment["HOLDFAST_REVOCATION_PEERS"] === undefined) return [];
  if (environment["HOLDFAST_NODE"] !== undefined) return [];
  const message = "must be set too: peers give their lists to a node that says its name";
  return [{ variable: "HOLDFAST_NODE", message }];
}

/** What a default would decide in silence must be said in production. */
function productionFaults(environment: Environment): ConfigFault[] {
  if (environment["HOLDFAST_MODE"] !== "production") return [];
  const needed = {
    DATABASE_URL:
      "must be set in production: the EMBEDDED database is for development and rehearsal",
    HOLDFAST_CHECKPOINT: "must be set in production: the file that keeps the last checkpoint",
    HOLDFAST_LOG_KEY: "must be set in production: the file of the key that signs the log",
    HOLDFAST_MIGRATION_URL:
      "must be set in production: the address of the tables' owner, so that DATABASE_URL can name a role that only appends",
    HOLDFAST_PRINCIPALS: "must be set in production: the file that says who is let in",
  };
  return Object.entries(needed)
    .filter(([variable]) => environment[variable] === undefined)
    .map(([variable, message]) => ({ variable, message }));
}
