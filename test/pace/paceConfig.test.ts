import path from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "#config.ts";
import { PaceConfigFaulty, readPaceConfig } from "#pace/paceConfig.ts";

function faultsOf(environment: Record<string, string>): string {
  try {
    readPaceConfig(environment);
  } catch (fault) {
    if (fault instanceof PaceConfigFaulty) return fault.message;
    throw fault;
  }
  return "";
}

test("a directory is all that a change-rate service must be told", () => {
  expect(readPaceConfig({ HOLDFAST_PACE_DATA: "pace", HOLDFAST_PORT: "1", PATH: "/bin" })).toEqual({
    directory: path.resolve("pace"),
    signers: path.resolve("pace", "allowed_signers"),
    host: "127.0.0.1",
    port: 4200,
  });
});

test("every fault is told at once, by its variable and without its value", () => {
  const told = faultsOf({
    HOLDFAST_PACE_HOST: "zq host",
    HOLDFAST_PACE_PORT: "65536",
    HOLDFAST_PACE_SIGNERS: "",
    HOLDFAST_PACE_TOKEN: "zq",
  });
  for (const name of ["DATA", "HOST", "PORT", "SIGNERS", "TOKEN"]) {
    expect(told).toContain(`HOLDFAST_PACE_${name}`);
  }
  expect(told).not.toContain("zq");
});

test("a server may share its environment", () => {
  expect(readConfig({ HOLDFAST_PACE_DATA: "pace" }).changeKeys).toBeNull();
  const { changeKeys, rate } = readConfig({ HOLDFAST_CHANGE_KEYS: "keys.json" });
  expect(changeKeys).toBe(path.resolve("keys.json"));
  expect(rate.isKept).toBe(true);
});
