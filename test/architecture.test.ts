import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

/** What one room may lean on. */
interface Room {
  /** A room sees the rooms on floors below its own, and no other. */
  floor: number;
  /** npm packages. */
  packages: string[];
  /** Node's own modules; "all" where the room deals with the machine. */
  node: string[] | "all";
  /** For a room below that may be seen only in part: which of its files. */
  only?: Record<string, string[]>;
}

const SQL = ["drizzle-orm", "postgres"];

const GRAPHQL = [
  "@graphql-yoga/render-graphiql",
  "@pothos/core",
  "@pothos/plugin-complexity",
  "@pothos/plugin-relay",
  "graphql",
  "graphql-ws",
  "graphql-yoga",
  "ws",
  "zod",
];

/** What the ledger writes, and how that is read back. */
const FORMATS = [
  "arranged.ts",
  "bytes.ts",
  "document.ts",
  "draft.ts",
  "factForm.ts",
  "fold.ts",
  "logRows.ts",
  "rows.ts",
  "sections.ts",
];

const ROOMS: Record<string, Room> = {
  packet: { floor: 0, packages: ["zod"], node: [] },
  proof: { floor: 0, packages: [], node: ["node:crypto"] },
  // What a small process of its own stands on: a directory, its files, a door.
  outpost: { floor: 0, packages: [], node: "all" },
  recovery: { floor: 1, packages: ["jose"], node: [] },
  gate: { floor: 2, packages: ["sorted-btree"], node: [] },
  access: { floor: 2, packages: [], node: [] },
  // A process of its own, that shares nothing with the service but the words of proofs.
  witness: { floor: 2, packages: ["zod"], node: "all" },
  // Another: how fast things change is decided apart from whether they do.
  pace: { floor: 2, packages: ["jose", "zod"], node: "all" },
  database: { floor: 3, packages: [...SQL, "zod"], node: "all" },
  ledger: { floor: 4, packages: [...SQL, "uuid"], node: ["node:crypto"] },
  live: { floor: 4, packages: ["ioredis"], node: [] },
  accessLog: { floor: 4, packages: SQL, node: ["node:fs/promises", "node:path"] },
  rateLimits: { floor: 4, packages: ["ioredis", "rate-limiter-flexible"], node: ["node:net"] },
  revocation: { floor: 4, packages: [], node: "all" },
  identity: { floor: 4, packages: ["jose", "zod"], node: "all" },
  feed: { floor: 5, packages: [], node: ["node:crypto"] },
  workflow: { floor: 5, packages: ["zod"], node: [] },
  // The checker reads what the writer wrote, and nothing of how it was written.
  audit: { floor: 5, packages: ["postgres"], node: "all", only: { ledger: FORMATS } },
  reception: { floor: 5, packages: [], node: [] },
  notary: { floor: 5, packages: [], node: "all" },
  bundle: { floor: 5, packages: [], node: ["node:crypto"] },
  // What a node reads when nothing else answers.
  lastKnown: { floor: 5, packages: [], node: ["node:fs/promises", "node:path"] },
  door: { floor: 6, packages: ["prom-client"], node: "all" },
  graphql: { floor: 6, packages: GRAPHQL, node: ["node:async_hooks", "node:http", "node:stream"] },
};

/** Files straight under src/: they open and close everything, and no room imports them. */
const FRONT_DOOR: Room = { floor: 7, packages: ["pino", "postgres", "uuid", "zod"], node: "all" };
const FRONT_DOOR_FILES = [
  "accessKeeping.ts",
  "main.ts",
  "config.ts",
  "copyKeeping.ts",
  "doorway.ts",
  "pace.ts",
  "passports.ts",
  "revoking.ts",
  "server.ts",
  "smallProcess.ts",
  "store.ts",
  "variables.ts",
  "verify.ts",
  "witness.ts",
];

const SCRIPT_PACKAGES = [
  "@graphql-yoga/redis-event-target",
  "@sigstore/tuf",
  "cacache",
  "fastify",
  "graphql",
  "graphql-ws",
  "graphql-yoga",
  "ioredis",
  "ioredis-5",
  "mercurius",
  "uuid",
  "ws",
  "zod",
];

const TOP_LEVEL = [
  "README.md",
  "drizzle",
  "drizzle.config.ts",
  "package-lock.json",
  "package.json",
  "scripts",
  "src",
  "test",
  "tsconfig.json",
];
const NOT_TRACKED = ["dist", "node_modules"];

const SOURCE_LINES_MAX = 300;
const README_LINES_MAX = 200;

const GRAB_BAG = /^(index|utils?|helpers?|lib|types|common|services|misc|shared)(\.|$)/;

/** Reads of the clock, of chance and of the environment: arguments everywhere but in a front door. */
const AMBIENT =
  /process\.env|Date\.now|new Date\(\)|Math\.random|randomUUID|performance\.now|process\.hrtime/;

const SWITCHED_OFF = /as\s+unknown\s+as|@ts-(ignore|expect-error|nocheck)|(oxlint|eslint)-disable/;
const LEFT_FOR_LATER = /\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|\bnot implemente[d]\b/;
const MACHINE_PATH = /\/w[o]rk\/|\/t[m]p\/|npm[j]s\.org/;
const IDLE_WAIT = /\bset[T]imeout\(|\bslee[p]\(|timers\/promise[s]/;
const PASSED_OVER = /\b(test|it|describe)\.(skip|only|todo|fails)\b/;

const root = path.resolve(import.meta.dirname, "..");

/** Everything wrong with one file, told by its path from the top and its text. */
function faultsOf(file: string, text: string): string[] {
  const code = withoutComments(text);
  const faults = [...nameFaults(file), ...importFaults(file, code), ...wordFaults(text)];
  const [top, ...rest] = file.split("/");
  const door = top === "scripts" || (top === "src" && rest.length === 1);
  if (top === "src" && /^export\b[^;]*?\bfrom\s+"/m.test(code)) {
    faults.push("passes on a name that another file defines");
  }
  if (top !== "test" && lineCount(text) > SOURCE_LINES_MAX) faults.push("is too long");
  if (top === "src" && !door && AMBIENT.test(code)) faults.push("reads what is ambient");
  if (top === "test" && IDLE_WAIT.test(code)) faults.push("waits for time to pass");
  if (top === "test" && PASSED_OVER.test(code)) faults.push("passes over a test");
  return faults.map((fault) => `${file} ${fault}`);
}

function nameFaults(file: string): string[] {
  const [top, room, ...rest] = file.split("/");
  const faults: string[] = [];
  if (file.split("/").some((part) => GRAB_BAG.test(part))) faults.push("has a grab-bag name");
  if (top !== "src") return faults;
  if (rest.length === 0) {
    if (!FRONT_DOOR_FILES.includes(room ?? "")) faults.push("is no front door");
  } else if (ROOMS[room ?? ""] === undefined) {
    faults.push("is in no known room");
  }
  return faults;
}

function wordFaults(text: string): string[] {
  const faults: string[] = [];
  if (SWITCHED_OFF.test(text)) faults.push("switches a check off");
  if (LEFT_FOR_LATER.test(text)) faults.push("leaves something for later");
  if (MACHINE_PATH.test(text)) faults.push("names a place of one machine");
  return faults;
}

function importFaults(file: string, code: string): string[] {
  const faults: string[] = [];
  for (const source of importsOf(code)) {
    if (source.includes("../../")) faults.push(`climbs to ${source}`);
    const fault = source.startsWith(".")
      ? relativeFault(file, source)
      : source.startsWith("#")
        ? roomFault(file, source)
        : packageFault(file, source);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

function relativeFault(file: string, source: string): string | undefined {
  if (!source.endsWith(".ts")) return `imports ${source} without .ts`;
  const target = path.posix.join(path.posix.dirname(file), source);
  const [top] = file.split("/");
  const stays = roomOf(target) === roomOf(file) && target.startsWith(`${top}/`);
  return stays ? undefined : `leaves its room for ${source}`;
}

function roomFault(file: string, source: string): string | undefined {
  if (!source.endsWith(".ts")) return `imports ${source} without .ts`;
  if (!file.startsWith("src/")) return undefined;
  const target = `src/${source.slice(1)}`;
  const [own, other] = [roomOf(file), roomOf(target)];
  if (own === other) return `imports ${source} of its own room by a subpath`;
  const [from, to] = [rulesOf(own), rulesOf(other)];
  if (from === undefined || to === undefined) return `imports ${source} of no known room`;
  if (to.floor > from.floor) return `looks up to ${source}`;
  if (to.floor === from.floor) return `looks across to ${source}`;
  const seen = from.only?.[other];
  if (seen !== undefined && !seen.some((name) => target === `src/${other}/${name}`)) {
    return `may not see ${source}`;
  }
  return undefined;
}

function packageFault(file: string, source: string): string | undefined {
  const name = source.split("/", source.startsWith("@") ? 2 : 1).join("/");
  if (file.startsWith("test/") || file === "drizzle.config.ts") return undefined;
  const rules: Pick<Room, "packages" | "node"> | undefined = file.startsWith("scripts/")
    ? { packages: SCRIPT_PACKAGES, node: "all" }
    : rulesOf(roomOf(file));
  if (rules === undefined) return undefined;
  const allowed = source.startsWith("node:")
    ? rules.node === "all" || rules.node.includes(source)
    : rules.packages.includes(name);
  return allowed ? undefined : `may not use ${source}`;
}

/** The room of a path; the empty string for a front door, `scripts` or `test` outside src. */
function roomOf(file: string): string {
  const [top, room, ...rest] = file.split("/");
  if (top !== "src") return top ?? "";
  return rest.length === 0 ? "" : (room ?? "");
}

function rulesOf(room: string): Room | undefined {
  return room === "" ? FRONT_DOOR : ROOMS[room];
}

function importsOf(code: string): string[] {
  const statement =
    /^\s*(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;
  return [...code.matchAll(statement)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "$1");
}

function lineCount(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

/** A forbidden text that does not stand in this file, where a search would come upon it. */
function halved(first: string, second: string): string {
  return first + second;
}

function topLevelFaults(names: string[]): string[] {
  return names.filter(
    (name) => !name.startsWith(".") && !TOP_LEVEL.includes(name) && !NOT_TRACKED.includes(name),
  );
}

function codeFiles(): string[] {
  const inFolders = ["src", "test", "scripts"].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.[cm]?[jt]sx?$/.test(entry.name))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
  );
  return [...inFolders, "drizzle.config.ts"].map((file) => file.split(path.sep).join("/"));
}

describe("the repository", () => {
  test("keeps every rule of the house in every file", () => {
    const files = codeFiles().filter((file) => file !== "test/architecture.test.ts");
    expect(files.length).toBeGreaterThan(20);
    const faults = files.flatMap((file) =>
      faultsOf(file, readFileSync(path.join(root, file), "utf8")),
    );
    expect(faults).toEqual([]);
  });

  test("holds nothing at its top but what belongs there", () => {
    expect(topLevelFaults(readdirSync(root))).toEqual([]);
  });

  test("keeps only prose in src/docs", () => {
    const names = readdirSync(path.join(root, "src", "docs"), {
      recursive: true,
      encoding: "utf8",
    });
    expect(names.filter((name) => path.extname(name) !== "" && !name.endsWith(".md"))).toEqual([]);
  });

  test("has a README that is read in one sitting", () => {
    const readme = readdirSync(root).filter((name) => name === "README.md");
    const lines = readme.map((name) => lineCount(readFileSync(path.join(root, name), "utf8")));
    expect(lines.every((count) => count <= README_LINES_MAX)).toBe(true);
  });
});

describe("the check finds", () => {
  test.each([
    ["an unknown room", "src/magic/wand.ts", "", "is in no known room"],
    ["a stray file beside the front doors", "src/boot.ts", "", "is no front door"],
    ["a grab-bag folder", "src/gate/utils/sum.ts", "", "has a grab-bag name"],
    ["a barrel's name", "src/gate/index.ts", "", "has a grab-bag name"],
    [
      "a barrel under another name",
      "src/gate/all.ts",
      `export { fold } from "./fold.ts";`,
      "passes on a name that another file defines",
    ],
    [
      "a room that looks up",
      "src/gate/a.ts",
      `import { append } from "#ledger/append.ts";`,
      "looks up to #ledger/append.ts",
    ],
    [
      "a room that looks across",
      "src/gate/a.ts",
      `import type { Class } from "#access/class.ts";`,
      "looks across to #access/class.ts",
    ],
    [
      "a room that imports a front door",
      "src/workflow/a.ts",
      `import { config } from "#config.ts";`,
      "looks up to #config.ts",
    ],
    [
      "a checker that shares the writer's code",
      "src/audit/a.ts",
      `import { append } from "#ledger/append.ts";`,
      "may not see #ledger/append.ts",
    ],
    [
      "a relative path into another room",
      "src/gate/a.ts",
      `import { Name } from "../packet/name.ts";`,
      "leaves its room for ../packet/name.ts",
    ],
    [
      "a climb of two folders",
      "src/gate/deep/a.ts",
      `import { Name } from "../../packet/name.ts";`,
      "climbs to ../../packet/name.ts",
    ],
    [
      "a subpath into its own room",
      "src/gate/a.ts",
      `import { fold } from "#gate/fold.ts";`,
      "imports #gate/fold.ts of its own room by a subpath",
    ],
    [
      "an import over several lines",
      "src/packet/a.ts",
      `import {\n  one,\n  two,\n} from "#gate/fold.ts";`,
      "looks up to #gate/fold.ts",
    ],
    ["a lazy import", "src/gate/a.ts", `await import("postgres");`, "may not use postgres"],
    ["an import for effect", "src/gate/a.ts", `import "node:fs";`, "may not use node:fs"],
    [
      "SQL outside the ledger",
      "src/workflow/a.ts",
      `import { sql } from "drizzle-orm/sql";`,
      "may not use drizzle-orm/sql",
    ],
    ["SQL in a script", "scripts/a.ts", `import postgres from "postgres";`, "may not use postgres"],
    [
      "a Node module in a pure room",
      "src/recovery/a.ts",
      `import { hash } from "node:crypto";`,
      "may not use node:crypto",
    ],
    [
      "a scoped package",
      "src/proof/a.ts",
      `import { x } from "@sigstore/tuf";`,
      "may not use @sigstore/tuf",
    ],
    ["the clock", "src/ledger/a.ts", `const at = new Date();`, "reads what is ambient"],
    ["the environment", "src/database/a.ts", `process.env["PORT"];`, "reads what is ambient"],
    ["chance", "src/gate/a.ts", `Math.random();`, "reads what is ambient"],
    ["a long file", "src/gate/a.ts", "\n".repeat(SOURCE_LINES_MAX + 1), "is too long"],
    ["a double cast", "src/gate/a.ts", halved("x as unkno", "wn as Y"), "switches a check off"],
    ["a silenced checker", "test/gate/a.ts", halved("// @ts-", "ignore"), "switches a check off"],
    [
      "work left undone",
      "src/gate/a.ts",
      halved("// TO", "DO: later"),
      "leaves something for later",
    ],
    [
      "a machine's own path",
      "src/gate/a.ts",
      halved(`"/wo`, `rk/x"`),
      "names a place of one machine",
    ],
    [
      "a test that waits",
      "test/gate/a.ts",
      halved("await slee", "p(5);"),
      "waits for time to pass",
    ],
    ["a test passed over", "test/gate/a.ts", halved("test.sk", `ip("x");`), "passes over a test"],
  ])("%s", (_what, file, text, fault) => {
    expect(faultsOf(file, text)).toContain(`${file} ${fault}`);
  });

  test("a stray entry at the top", () => {
    expect(topLevelFaults(["src", ".ci", "dist", "notes.txt"])).toEqual(["notes.txt"]);
  });

  test.each([
    ["src/gate/a.ts", `import { Name } from "#packet/name.ts";\nimport { fold } from "./fold.ts";`],
    ["src/audit/a.ts", `import { revisions } from "#ledger/rows.ts";`],
    ["src/ledger/a.ts", `import { eq } from "drizzle-orm";\n// process.env is not read here`],
    ["src/main.ts", `import { config } from "./config.ts";\nconst at = new Date();`],
    ["src/gate/a.ts", `const at = new Date(entry.decidedAt);`],
    ["scripts/rehearse.ts", `import { openEmbedded } from "#database/embedded.ts";\nDate.now();`],
  ])("nothing in good code of %s", (file, text) => {
    expect(faultsOf(file, text)).toEqual([]);
  });
});
