import path from "node:path";
import { z } from "zod";
import type { ClockRate } from "#recovery/clock.ts";

/** Everything that the environment says about a server, read once. */
export interface Config {
  readonly mode: "development" | "production";
  /** A `postgres://` address, password included; null for the embedded database. */
  readonly databaseUrl: string | null;
  /** The directory that is the product's own. */
  readonly data: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The principals file. */
  readonly principals: string;
  readonly rate: ClockRate;
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

const DAY_MS = 24 * 60 * 60 * 1_000;
const ORIGINS_MAX = 64;

/** The mapping bears one late tick: below this many epochs every ordinary tick could break it. */
const TICK_GAP_EPOCHS_MIN = 2;
const TICK_GAP_EPOCHS = 3;

/** Read by the test suite alone, which may share an environment with a server. */
const OF_THE_TESTS = new Set(["HOLDFAST_HISTORIES", "HOLDFAST_TEST_DATABASE_URL"]);

/** The epoch moves at most once a second (rule 6.1): a ticker that is late needs room to catch up. */
const EPOCH_MS_MIN = 1_500;

const EpochMs = whole(EPOCH_MS_MIN, DAY_MS).default(60_000);
const TickGapMs = whole(1_000, 30 * DAY_MS).optional();
const Mode = z
  .enum(["development", "production"], "must be development or production")
  .default("development");
const Switch = z.enum(["on", "off"], "must be on or off").optional();

const Variables = z.strictObject({
  DATABASE_URL: z
    .string()
    .refine(isPostgresUrl, "must be the address of a Postgres: postgres://user:password@host/name")
    .optional(),
  HOLDFAST_CONNECTIONS_MAX: whole(1, 200).default(16),
  HOLDFAST_DATA: z.string().min(1, "must name a directory, or be unset").default(".holdfast"),
  HOLDFAST_DRAIN_MS: whole(0, 600_000).default(10_000),
  HOLDFAST_EPOCH_MS: EpochMs,
  HOLDFAST_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]{1,253}$/, "must be a name or an address without brackets or port")
    .default("127.0.0.1"),
  HOLDFAST_INTROSPECTION: Switch,
  HOLDFAST_LOG_LEVEL: z
    .enum(["error", "warn", "info", "silent"], "must be error, warn, info or silent")
    .optional(),
  HOLDFAST_MODE: Mode,
  HOLDFAST_ORIGINS: z
    .string()
    .transform((text) => text.split(",").map((origin) => origin.trim()))
    .refine(
      (origins) => origins.length <= ORIGINS_MAX && origins.every(isOrigin),
      `must be at most ${ORIGINS_MAX} origins with commas between them, each as a browser sends it: https://host or https://host:port`,
    )
    .default([]),
  HOLDFAST_PORT: whole(0, 65_535).default(4_000),
  HOLDFAST_PRINCIPALS: z.string().min(1, "must name a file, or be unset").optional(),
  HOLDFAST_TICK_GAP_MAX_MS: TickGapMs,
});

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the variables of an environment. Throws {@link ConfigFaulty} with every fault at once. */
export function readConfig(environment: Environment): Config {
  const ours = Object.entries(environment).filter(
    ([name]) =>
      name === "DATABASE_URL" || (name.startsWith("HOLDFAST_") && !OF_THE_TESTS.has(name)),
  );
  const read = Variables.safeParse(Object.fromEntries(ours));
  const faults = [
    ...(read.error?.issues.flatMap(faultsOf) ?? []),
    ...rateFaults(environment),
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
    data,
    host: read.HOLDFAST_HOST,
    port: read.HOLDFAST_PORT,
    principals: path.resolve(read.HOLDFAST_PRINCIPALS ?? path.join(data, "principals.json")),
    rate: { epochMs, tickGapMaxMs: read.HOLDFAST_TICK_GAP_MAX_MS ?? TICK_GAP_EPOCHS * epochMs },
    introspection: (read.HOLDFAST_INTROSPECTION ?? (isProduction ? "off" : "on")) === "on",
    origins: read.HOLDFAST_ORIGINS,
    logLevel: read.HOLDFAST_LOG_LEVEL ?? (isProduction ? "info" : "warn"),
    connectionsMax: read.HOLDFAST_CONNECTIONS_MAX,
    drainMs: read.HOLDFAST_DRAIN_MS,
  };
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

/** What a default would decide in silence must be said in production. */
function productionFaults(environment: Environment): ConfigFault[] {
  if (environment["HOLDFAST_MODE"] !== "production") return [];
  const needed = {
    DATABASE_URL:
      "must be set in production: the EMBEDDED database is for development and rehearsal",
    HOLDFAST_PRINCIPALS: "must be set in production: the file that says who is let in",
  };
  return Object.entries(needed)
    .filter(([variable]) => environment[variable] === undefined)
    .map(([variable, message]) => ({ variable, message }));
}

function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,9})$/, message)
    .transform(Number)
    .refine((value) => value >= min && value <= max, message);
}

function isPostgresUrl(text: string): boolean {
  return /^postgres(?:ql)?:\/\/[^/?#]/.test(text) && URL.canParse(text);
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
