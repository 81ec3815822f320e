import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { clocksPage, placesOf, withPlaces } from "#clocks/inventory.ts";
import { scanClocks, usesIn } from "#clocks/scan.ts";
import { CLOCK_PLACES } from "#recovery/clockPlaces.ts";
import { CLOCK_DECIDES, CLOCK_PURPOSES } from "#recovery/clockPurposes.ts";

const top = fileURLToPath(new URL("../..", import.meta.url));

/** A text that must not stand in a test as it is. */
const joined = (...parts: string[]): string => parts.join("");

describe("the inventory of clocks", () => {
  test("is what a scan of the code finds, no more and no less; npm run clocks writes it anew", async () => {
    const found = placesOf(await scanClocks(top), CLOCK_PLACES);
    expect(CLOCK_PLACES).toEqual(found);
    expect(readFileSync(`${top}src/docs/clocks.md`, "utf8")).toBe(clocksPage(found));
  });

  test("says of every place what it is for, and has no purpose without a place", () => {
    const used = new Set(CLOCK_PLACES.map(([, , , purpose]) => purpose));
    expect([...used].toSorted()).toEqual(Object.keys(CLOCK_PURPOSES).toSorted());
  });

  test("has no use in the rooms that judge or prove, but to read a time that a person gave or the ledger has", () => {
    const judging = /^src\/(packet|proof|recovery|gate|access|audit)\//;
    const others = CLOCK_PLACES.filter(
      ([file, , , purpose]) =>
        judging.test(file) && !["TIME_MAPPING", "RECORDED_TIME"].includes(purpose),
    );
    // The auditor reads a database and waits for its answers.
    expect([...new Set(others.map(([file]) => file))]).toEqual(["src/audit/reading.ts"]);
  });

  test("lets time decide what counts nowhere but for a provider's tokens and the mapping of times", () => {
    const grave = Object.entries(CLOCK_PURPOSES).filter(
      ([, { decides }]) => decides === "PROVIDER_TOKENS" || decides === "MAPPING",
    );
    expect(grave.map(([name]) => name).toSorted()).toEqual([
      "PROVIDER_KEYS",
      "PROVIDER_TOKEN",
      "TIME_MAPPING",
    ]);
    const places = CLOCK_PLACES.filter(([, , , purpose]) => purpose.startsWith("PROVIDER_"));
    expect(
      places.every(([file]) => file.startsWith("src/identity/oidc") || file === "src/main.ts"),
    ).toBe(true);
    expect(Object.keys(CLOCK_DECIDES)).toHaveLength(5);
  });

  test("keeps what was written when a place stays, and asks for what is new", () => {
    const before = [["src/a.ts", "now()", 1, "LOOK_AGAIN"]] as const;
    const uses = [
      { file: "src/a.ts", use: "now()", count: 2 },
      { file: "src/b.ts", use: "wall clock", count: 1 },
    ];
    const places = placesOf(uses, before);
    expect(places).toEqual([
      ["src/a.ts", "now()", 2, "LOOK_AGAIN"],
      ["src/b.ts", "wall clock", 1, "UNEXPLAINED"],
    ]);
    const text = "export const CLOCK_PLACES: readonly ClockPlace[] = [\n  old\n];\n";
    expect(withPlaces(text, places)).toBe(
      'export const CLOCK_PLACES: readonly ClockPlace[] = [\n  ["src/a.ts", "now()", 2, "LOOK_AGAIN"],\n' +
        '  ["src/b.ts", "wall clock", 1, "UNEXPLAINED"],\n];\n',
    );
    expect(clocksPage(places)).not.toContain("src/b.ts");
    expect(clocksPage(places)).toContain("| `src/a.ts` | now() | 2 |");
  });
});

describe("the scan finds", () => {
  test.each([
    ["the clock of the day", "const at = Date.now();", "wall clock"],
    ["the same as an object", "const at = new Date();", "wall clock"],
    ["a reading that is handed on", "{ clock: Date.now }", "wall clock"],
    ["the process's own clock", "performance.now()", "own clock"],
    ["another way to it", "process.hrtime.bigint()", "own clock"],
    ["a clock that was handed in", "if (options.now() > end) return;", "now()"],
    ["a timer", joined("set", "Timeout(run, 5)"), "setTimeout"],
    ["a timer that comes again", "setInterval(run, 5)", "setInterval"],
    ["a wait", joined("await del", "ay(5)"), "timed wait"],
    ["a signal", "AbortSignal.timeout(5)", "AbortSignal.timeout"],
    ["an option of a library", "{ connect_timeout: 5 }", "time-out option"],
    ["a setting in SQL", "set_config('statement_timeout', '5', true)", "time-out option"],
    ["a time that somebody gave", "new Date(given)", "new Date(value)"],
    ["a time as text", "Date.parse(text)", "Date.parse"],
    ["the time of a file", "stat.mtimeMs > at", "file time"],
    ["the database's clock", "SELECT clock_timestamp()", "SQL clock"],
    ["its other clock", "UPDATE t SET at = now()", "now()"],
    ["an interval", "WHERE at < x + interval '1 second'", "SQL interval"],
    ["TLS of a request", "await fetch(url)", "TLS"],
    ["a token's end", "if (claims.exp < 5) return { exp };", "token time"],
    ["a verifier with a clock", "await jwtVerify(token, key)", "jwtVerify"],
    ["a limit of rates", "new RateLimiterMemory({})", "RateLimiter"],
    ["an id that holds a time", "v7()", "uuid v7"],
  ])("%s", (_what, code, use) => {
    expect(usesIn("src/a.ts", code).map((found) => found.use)).toContain(use);
  });

  test.each([
    ["a comment", "/** Date.now() is for front doors. */\n// new Date() too\n * nothing"],
    ["a function of the file's own", "const fetch = read;\nawait fetch(1);"],
    ["a turn of the event loop", joined("set", "Immediate(run); process.nextTick(run);")],
    ["the type of a timer", "readonly #timer: NodeJS.Timeout;"],
  ])("nothing in %s", (_what, code) => {
    expect(usesIn("src/a.ts", code)).toEqual([]);
  });

  test("what follows code on its line, and comments of SQL by their own mark", () => {
    expect(usesIn("src/a.ts", "run(); // at Date.now()")).toHaveLength(1);
    expect(usesIn("drizzle/1.sql", "-- clock_timestamp()\nSELECT 1;")).toEqual([]);
  });
});
