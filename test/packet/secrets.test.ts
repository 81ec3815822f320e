import { describe, expect, test } from "vitest";
import { secretIn, secretsIn } from "#packet/secrets.ts";
import { HARMLESS, SECRETS } from "./secretTexts.ts";

describe("what is told from ordinary words (rule 7.3)", () => {
  test.each(SECRETS)("%s: %#", (kind, text) => {
    expect(secretIn(text)).toBe(kind);
    expect(secretIn(`Noted by Carla at the vault.\n${text}\nSee above.`)).toBe(kind);
  });

  test.each(HARMLESS)("and not %j", (text) => {
    expect(secretIn(text)).toBeNull();
    expect(secretIn(`${text} - ${text}`)).toBeNull();
  });
});

test("every place that carries a secret is told, and no secret is", () => {
  const [[, key] = ["", ""]] = SECRETS;
  const token = "hf_0123456789abcdefghijklmnopqrst";
  const faults = secretsIn({
    note: "all is well",
    entries: [{ note: key }, { digest: "sha256:00", [token]: 1 }, 7, null, [token]],
  });
  expect(faults.map(({ path }) => path)).toEqual([
    ["entries", 0, "note"],
    ["entries", 1],
    ["entries", 4, 0],
  ]);
  expect(JSON.stringify(faults)).not.toMatch(/BEGIN|hf_/);
});

test("a text that is longer than any may be is not looked through", () => {
  const text = "bearer pin: password seed: eyJ".repeat(10_000);
  expect(secretIn(text)).toBeNull();
});
