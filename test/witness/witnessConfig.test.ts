import path from "node:path";
import { describe, expect, test } from "vitest";
import { readConfig } from "#config.ts";
import { sha256 } from "#proof/digest.ts";
import { newNoteKey, verifierKeyOf } from "#proof/signedNote.ts";
import { readWitnessConfig, WitnessConfigFaulty } from "#witness/witnessConfig.ts";

const key = (name: string, seed: string): string => verifierKeyOf(newNoteKey(name, sha256(seed)));
const least = {
  HOLDFAST_WITNESS_DATA: "witness",
  HOLDFAST_WITNESS_NAME: "witness.example/w1",
  HOLDFAST_WITNESS_LOGS: key("log.example", "one"),
};

describe("a witness's environment", () => {
  test("needs a directory, a name and a log", () => {
    const config = readWitnessConfig(least);
    expect(config).toMatchObject({
      directory: path.resolve("witness"),
      name: "witness.example/w1",
      host: "127.0.0.1",
      port: 4_100,
    });
    expect([...config.logs.keys()]).toEqual(["log.example"]);
  });

  test("may name several logs, and several keys of one", () => {
    const keys = [key("a.example", "1"), key("b.example", "2"), key("a.example", "3")];
    const { logs } = readWitnessConfig({ ...least, HOLDFAST_WITNESS_LOGS: keys.join(", ") });
    expect([...logs].map(([origin, keys]) => [origin, keys.length])).toEqual([
      ["a.example", 2],
      ["b.example", 1],
    ]);
  });

  test("may be the service's as well", () => {
    const shared = {
      ...least,
      HOLDFAST_PORT: "4000",
      HOLDFAST_WITNESS_URL: "http://127.0.0.1:4100",
      HOLDFAST_WITNESS_KEY: "whatever",
    };
    expect(readWitnessConfig(shared).port).toBe(4_100);
    expect(
      readConfig({ ...least, HOLDFAST_WITNESS_HOST: "a", HOLDFAST_WITNESS_PORT: "1" }).port,
    ).toBe(4_000);
  });

  test("without what is needed is told of each", () => {
    expect(() => readWitnessConfig({})).toThrow(
      /^HOLDFAST_WITNESS_DATA .*\nHOLDFAST_WITNESS_NAME .*\nHOLDFAST_WITNESS_LOGS .*$/,
    );
  });

  test.each([
    ["HOLDFAST_WITNESS_DATA", ""],
    ["HOLDFAST_WITNESS_NAME", "a name"],
    ["HOLDFAST_WITNESS_NAME", "a+b"],
    ["HOLDFAST_WITNESS_HOST", "[::1]"],
    ["HOLDFAST_WITNESS_HOST", ""],
    ["HOLDFAST_WITNESS_PORT", "65536"],
    ["HOLDFAST_WITNESS_PORT", "080"],
    ["HOLDFAST_WITNESS_PORT", "-1"],
    ["HOLDFAST_WITNESS_LOGS", ""],
    ["HOLDFAST_WITNESS_LOGS", `${key("a.example", "1")},`],
    ["HOLDFAST_WITNESS_LOGS", key("a.example", "1").slice(0, -1)],
    ["HOLDFAST_WITNESS_LOGS", Array.from({ length: 65 }, () => key("a", "1")).join(",")],
    ["HOLDFAST_WITNESS_LOG", "a"],
  ])("with %s=%s is refused by that name", (variable, value) => {
    const read = () => readWitnessConfig({ ...least, [variable]: value });
    expect(read).toThrow(WitnessConfigFaulty);
    expect(read).toThrow(new RegExp(`^${variable} .+$`));
  });
});
