import path from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigFaulty, readConfig } from "#config.ts";
import { cosigner } from "#proof/cosignature.ts";
import { newNoteKey, noteSigner } from "#proof/signedNote.ts";

const REDIS_URL = "rediss://holdfast:pass-word@redis.example:6380/2";
const DATABASE_URL = "postgres://holdfast:pass-word@db.example:5432/holdfast";
const WITNESS_KEY = cosigner(newNoteKey("witness.example", new Uint8Array(32))).verifierKey;
const MIGRATION_URL = "postgres://keeper:other-word@db.example:5432/holdfast";

/** What is told of each variable that has a fault. */
function faultsOf(environment: Record<string, string>): Record<string, string> {
  try {
    readConfig(environment);
  } catch (fault) {
    if (!(fault instanceof ConfigFaulty)) throw fault;
    return Object.fromEntries(fault.faults.map(({ variable, message }) => [variable, message]));
  }
  return {};
}

test("an empty environment serves for development, on the embedded database and this machine", () => {
  expect(readConfig({ PATH: "/bin", DATABASE: "x" })).toEqual({
    mode: "development",
    databaseUrl: null,
    migrationUrl: null,
    redisUrl: null,
    data: path.resolve(".holdfast"),
    host: "127.0.0.1",
    port: 4_000,
    principals: path.resolve(".holdfast", "principals.json"),
    oidc: null,
    changeKeys: null,
    signers: path.resolve(".holdfast", "allowed_signers"),
    revokedKeys: path.resolve(".holdfast", "revoked_keys"),
    node: null,
    revocationPeers: [],
    logKey: path.resolve(".holdfast", "log.key"),
    checkpoint: path.resolve(".holdfast", "checkpoint"),
    witness: null,
    rate: { epochMs: 60_000, tickGapMaxMs: 180_000 },
    rates: {
      requestsPerMinute: 60_000,
      decisionsPerMinute: 600,
      failedSignInsPerMinute: 60,
      newDocumentsPerMinute: 600,
    },
    socketsPerAddress: 5_000,
    trustedProxies: [],
    introspection: true,
    origins: [],
    logLevel: "warn",
    connectionsMax: 16,
    drainMs: 10_000,
  });
});

test("every variable counts", () => {
  const config = readConfig({
    DATABASE_URL,
    HOLDFAST_CHANGE_KEYS: "/etc/holdfast/change-keys.json",
    HOLDFAST_CHECKPOINT: "/var/lib/holdfast/checkpoint",
    HOLDFAST_CONNECTIONS_MAX: "8",
    HOLDFAST_DATA: "/srv/holdfast",
    HOLDFAST_DECISIONS_PER_MINUTE: "3",
    HOLDFAST_DRAIN_MS: "0",
    HOLDFAST_EPOCH_MS: "1500",
    HOLDFAST_FAILED_SIGN_INS_PER_MINUTE: "4",
    HOLDFAST_HOST: "::1",
    HOLDFAST_INTROSPECTION: "off",
    HOLDFAST_LOG_KEY: "/etc/holdfast/log.key",
    HOLDFAST_LOG_LEVEL: "error",
    HOLDFAST_MIGRATION_URL: MIGRATION_URL,
    HOLDFAST_MODE: "production",
    HOLDFAST_NEW_DOCUMENTS_PER_MINUTE: "7",
    HOLDFAST_NODE: "north-1",
    HOLDFAST_OIDC: "/etc/holdfast/oidc.json",
    HOLDFAST_ORIGINS: "https://desk.example, http://localhost:5173",
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: "/etc/holdfast/principals.json",
    HOLDFAST_REVOCATION_PEERS: "http://10.0.0.8:4000, https://south.example",
    HOLDFAST_REVOKED_KEYS: "/etc/holdfast/revoked_keys",
    HOLDFAST_SIGNERS: "/etc/holdfast/allowed_signers",
    HOLDFAST_REQUESTS_PER_MINUTE: "5",
    HOLDFAST_SOCKETS_PER_ADDRESS: "6",
    HOLDFAST_TICK_GAP_MAX_MS: "3000",
    HOLDFAST_TRUSTED_PROXIES: "10.0.0.7, fd00::/8",
    HOLDFAST_WITNESS_KEY: WITNESS_KEY,
    HOLDFAST_WITNESS_URL: "http://witness.example:4100",
    REDIS_URL,
  });
  expect(config).toEqual({
    mode: "production",
    databaseUrl: DATABASE_URL,
    migrationUrl: MIGRATION_URL,
    redisUrl: REDIS_URL,
    data: "/srv/holdfast",
    host: "::1",
    port: 0,
    principals: "/etc/holdfast/principals.json",
    oidc: "/etc/holdfast/oidc.json",
    changeKeys: "/etc/holdfast/change-keys.json",
    signers: "/etc/holdfast/allowed_signers",
    revokedKeys: "/etc/holdfast/revoked_keys",
    node: "north-1",
    revocationPeers: ["http://10.0.0.8:4000", "https://south.example"],
    logKey: "/etc/holdfast/log.key",
    checkpoint: "/var/lib/holdfast/checkpoint",
    witness: { url: "http://witness.example:4100", verifierKey: WITNESS_KEY },
    rate: { epochMs: 1_500, tickGapMaxMs: 3_000, isKept: true },
    rates: {
      requestsPerMinute: 5,
      decisionsPerMinute: 3,
      failedSignInsPerMinute: 4,
      newDocumentsPerMinute: 7,
    },
    socketsPerAddress: 6,
    trustedProxies: ["10.0.0.7", "fd00::/8"],
    introspection: false,
    origins: ["https://desk.example", "http://localhost:5173"],
    logLevel: "error",
    connectionsMax: 8,
    drainMs: 0,
  });
});

test("production shows no schema and logs more, unless it is told to", () => {
  const production = {
    DATABASE_URL,
    HOLDFAST_CHECKPOINT: "checkpoint",
    HOLDFAST_LOG_KEY: "log.key",
    HOLDFAST_MIGRATION_URL: MIGRATION_URL,
    HOLDFAST_MODE: "production",
    HOLDFAST_PRINCIPALS: "p.json",
  };
  expect(readConfig(production)).toMatchObject({ introspection: false, logLevel: "info" });
  expect(readConfig({ ...production, HOLDFAST_INTROSPECTION: "on" }).introspection).toBe(true);
});

test.each(["redis://localhost", "redis://:word@127.0.0.1:6379/0", "rediss://[::1]:6380"])(
  "a Redis is at %s",
  (REDIS_URL) => expect(readConfig({ REDIS_URL }).redisUrl).toBe(REDIS_URL),
);

test.each([
  ["a name with a space", { HOLDFAST_NODE: "north 1" }, "HOLDFAST_NODE"],
  [
    "a peer with a path",
    { HOLDFAST_NODE: "north", HOLDFAST_REVOCATION_PEERS: "http://south/x" },
    "HOLDFAST_REVOCATION_PEERS",
  ],
  ["peers and no name", { HOLDFAST_REVOCATION_PEERS: "http://south:4000" }, "HOLDFAST_NODE"],
])("a node is not served with %s", (_what, variables, faulty) => {
  expect(Object.keys(faultsOf(variables))).toEqual([faulty]);
});

test("the gap that the clock bears is three epochs where nothing is said", () => {
  const { rate } = readConfig({ HOLDFAST_EPOCH_MS: "5000" });
  expect(rate).toEqual({ epochMs: 5_000, tickGapMaxMs: 15_000 });
});

test("production refuses the embedded database, and wants two roles and to be told who is let in", () => {
  const faults = faultsOf({ HOLDFAST_MODE: "production" });
  expect(Object.keys(faults)).toEqual([
    "DATABASE_URL",
    "HOLDFAST_CHECKPOINT",
    "HOLDFAST_LOG_KEY",
    "HOLDFAST_MIGRATION_URL",
    "HOLDFAST_PRINCIPALS",
  ]);
  expect(faults["DATABASE_URL"]).toContain("EMBEDDED");
});

describe("the owner's address", () => {
  test.each([
    ["without one for the application", undefined, MIGRATION_URL, "set both"],
    ["of the same user", DATABASE_URL, DATABASE_URL, "another user"],
    [
      "of the same user, spelt otherwise",
      DATABASE_URL,
      "postgres://%68oldfast@db/holdfast",
      "another user",
    ],
    ["of nobody", DATABASE_URL, "postgres://db.example/holdfast", "as whom"],
    ["beside the address of nobody", "postgres://db.example/holdfast", MIGRATION_URL, "as whom"],
    ["of another database", DATABASE_URL, "postgres://keeper@db.example/other", "same database"],
  ])("%s is a fault", (_what, application, owner, told) => {
    const faults = faultsOf({
      ...(application === undefined ? {} : { DATABASE_URL: application }),
      HOLDFAST_MIGRATION_URL: owner,
    });
    expect(Object.keys(faults)).toEqual(["HOLDFAST_MIGRATION_URL"]);
    expect(faults["HOLDFAST_MIGRATION_URL"]).toContain(told);
  });

  test("may name another host, as one that goes by a pooler does", () => {
    const owner = "postgres://keeper@elsewhere.example:6432/holdfast";
    expect(readConfig({ DATABASE_URL, HOLDFAST_MIGRATION_URL: owner }).migrationUrl).toBe(owner);
  });
});

describe("a witness", () => {
  test("has an address and a key, or neither", () => {
    expect(Object.keys(faultsOf({ HOLDFAST_WITNESS_KEY: WITNESS_KEY }))).toEqual([
      "HOLDFAST_WITNESS_URL",
    ]);
    const HOLDFAST_WITNESS_URL = "http://witness.example";
    expect(Object.keys(faultsOf({ HOLDFAST_WITNESS_URL }))).toEqual(["HOLDFAST_WITNESS_KEY"]);
  });

  test("has a key for cosignatures", () => {
    const ofALog = noteSigner(newNoteKey("log.example", new Uint8Array(32))).verifierKey;
    const HOLDFAST_WITNESS_URL = "http://witness.example";
    const faults = faultsOf({ HOLDFAST_WITNESS_KEY: ofALog, HOLDFAST_WITNESS_URL });
    expect(Object.keys(faults)).toEqual(["HOLDFAST_WITNESS_KEY"]);
  });
});

test("every fault is told at once, in its own line", () => {
  const environment = {
    DATABASE_URL: "mysql://db",
    HOLDFAST_EPOCH_MS: "1499",
    HOLDFAST_MODE: "production",
    HOLDFAST_PORT: "65536",
    HOLDFAST_PROT: "4000",
    HOLDFAST_TICK_GAP_MAX_MS: "1s",
  };
  const faults = faultsOf(environment);
  expect(Object.keys(faults).toSorted()).toEqual([
    "DATABASE_URL",
    "HOLDFAST_CHECKPOINT",
    "HOLDFAST_EPOCH_MS",
    "HOLDFAST_LOG_KEY",
    "HOLDFAST_MIGRATION_URL",
    "HOLDFAST_PORT",
    "HOLDFAST_PRINCIPALS",
    "HOLDFAST_PROT",
    "HOLDFAST_TICK_GAP_MAX_MS",
  ]);
  expect(() => readConfig(environment)).toThrow(
    /^(DATABASE_URL|HOLDFAST_[A-Z_]+) .+(\n(DATABASE_URL|HOLDFAST_[A-Z_]+) .+){8}$/,
  );
});

describe("a fault is told without the value", () => {
  const MARK = "s3cret";
  test.each([
    ["DATABASE_URL", `mysql://u:${MARK}@db/x`],
    ["DATABASE_URL", `postgres://u:${MARK}@:port:/x`],
    ["DATABASE_URL", MARK],
    ["DATABASE_URL", ""],
    ["HOLDFAST_CONNECTIONS_MAX", "0"],
    ["HOLDFAST_CONNECTIONS_MAX", "201"],
    ["HOLDFAST_DATA", ""],
    ["HOLDFAST_DRAIN_MS", "-1"],
    ["HOLDFAST_EPOCH_MS", "1e4"],
    ["HOLDFAST_EPOCH_MS", "060000"],
    ["HOLDFAST_HOST", ""],
    ["HOLDFAST_HOST", `http://${MARK}`],
    ["HOLDFAST_HOST", "[::1]"],
    ["HOLDFAST_INTROSPECTION", "true"],
    ["HOLDFAST_LOG_LEVEL", MARK],
    ["HOLDFAST_MIGRATION_URL", `postgres://keeper:${MARK}@db/holdfast`],
    ["HOLDFAST_MIGRATION_URL", MARK],
    ["HOLDFAST_MODE", "prod"],
    ["HOLDFAST_ORIGINS", ""],
    ["HOLDFAST_ORIGINS", "*"],
    ["HOLDFAST_ORIGINS", `https://${MARK}.example/`],
    ["HOLDFAST_ORIGINS", `https://${MARK}.example,`],
    ["HOLDFAST_ORIGINS", "ftp://desk.example"],
    ["HOLDFAST_PORT", " 4000"],
    ["HOLDFAST_PORT", "4000.5"],
    ["HOLDFAST_PORT", ""],
    ["HOLDFAST_PRINCIPALS", ""],
    ["HOLDFAST_TICK_GAP_MAX_MS", "119999"],
    ["HOLDFAST_TOKEN", MARK],
    ["HOLDFAST_port", "4000"],
    ["REDIS_URL", ""],
    ["REDIS_URL", MARK],
    ["REDIS_URL", `http://u:${MARK}@redis.example`],
    ["REDIS_URL", `redis://u:${MARK}@:port:/`],
    ["REDIS_URL", `redis://redis.example/name-${MARK}`],
    ["REDIS_URL", `redis://redis.example?password=${MARK}`],
  ])("%s=%s", (variable, value) => {
    const faults = faultsOf({ [variable]: value });
    expect(Object.keys(faults)).toEqual([variable]);
    expect(faults[variable]).not.toContain(MARK);
  });
});

test("what the test suite reads is no fault", () => {
  expect(faultsOf({ HOLDFAST_TEST_DATABASE_URL: "x", HOLDFAST_HISTORIES: "9" })).toEqual({});
});
