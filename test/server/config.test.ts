import path from "node:path";
import { describe, expect, test } from "vitest";
import { ConfigFaulty, readConfig } from "#config.ts";

const DATABASE_URL = "postgres://holdfast:pass-word@db.example:5432/holdfast";

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
    data: path.resolve(".holdfast"),
    host: "127.0.0.1",
    port: 4_000,
    principals: path.resolve(".holdfast", "principals.json"),
    rate: { epochMs: 60_000, tickGapMaxMs: 180_000 },
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
    HOLDFAST_CONNECTIONS_MAX: "8",
    HOLDFAST_DATA: "/srv/holdfast",
    HOLDFAST_DRAIN_MS: "0",
    HOLDFAST_EPOCH_MS: "1500",
    HOLDFAST_HOST: "::1",
    HOLDFAST_INTROSPECTION: "off",
    HOLDFAST_LOG_LEVEL: "error",
    HOLDFAST_MODE: "production",
    HOLDFAST_ORIGINS: "https://desk.example, http://localhost:5173",
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: "/etc/holdfast/principals.json",
    HOLDFAST_TICK_GAP_MAX_MS: "3000",
  });
  expect(config).toEqual({
    mode: "production",
    databaseUrl: DATABASE_URL,
    data: "/srv/holdfast",
    host: "::1",
    port: 0,
    principals: "/etc/holdfast/principals.json",
    rate: { epochMs: 1_500, tickGapMaxMs: 3_000 },
    introspection: false,
    origins: ["https://desk.example", "http://localhost:5173"],
    logLevel: "error",
    connectionsMax: 8,
    drainMs: 0,
  });
});

test("production shows no schema and logs more, unless it is told to", () => {
  const production = { DATABASE_URL, HOLDFAST_MODE: "production", HOLDFAST_PRINCIPALS: "p.json" };
  expect(readConfig(production)).toMatchObject({ introspection: false, logLevel: "info" });
  expect(readConfig({ ...production, HOLDFAST_INTROSPECTION: "on" }).introspection).toBe(true);
});

test("the gap that the clock bears is three epochs where nothing is said", () => {
  const { rate } = readConfig({ HOLDFAST_EPOCH_MS: "5000" });
  expect(rate).toEqual({ epochMs: 5_000, tickGapMaxMs: 15_000 });
});

test("production refuses the embedded database, and wants to be told who is let in", () => {
  const faults = faultsOf({ HOLDFAST_MODE: "production" });
  expect(Object.keys(faults)).toEqual(["DATABASE_URL", "HOLDFAST_PRINCIPALS"]);
  expect(faults["DATABASE_URL"]).toContain("EMBEDDED");
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
    "HOLDFAST_EPOCH_MS",
    "HOLDFAST_PORT",
    "HOLDFAST_PRINCIPALS",
    "HOLDFAST_PROT",
    "HOLDFAST_TICK_GAP_MAX_MS",
  ]);
  expect(() => readConfig(environment)).toThrow(
    /^(DATABASE_URL|HOLDFAST_[A-Z_]+) .+(\n(DATABASE_URL|HOLDFAST_[A-Z_]+) .+){5}$/,
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
  ])("%s=%s", (variable, value) => {
    const faults = faultsOf({ [variable]: value });
    expect(Object.keys(faults)).toEqual([variable]);
    expect(faults[variable]).not.toContain(MARK);
  });
});

test("what the test suite reads is no fault", () => {
  expect(faultsOf({ HOLDFAST_TEST_DATABASE_URL: "x", HOLDFAST_HISTORIES: "9" })).toEqual({});
});
