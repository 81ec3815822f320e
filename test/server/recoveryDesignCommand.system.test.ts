import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "#database/freePort.ts";
import { sha256Hex } from "#proof/digest.ts";
import { asApplication, freshDatabase } from "../database/freshDatabase.ts";
import { bearer, ownFolder, passport, textOf } from "../identity/passports.ts";
import { type MainProcess, startMain, urlOf } from "./startMain.ts";
import { UNLIMITED } from "./unlimited.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const fresh = freshDatabase();
const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);

const RUTH = passport("ruth", ["READER", "RELEASE_SECURITY"]);
const RITA = passport("rita", ["READER"]);

let main: MainProcess;
beforeAll(async () => {
  await writeFile(place("principals.json"), textOf(RUTH, RITA));
  main = startMain({
    ...UNLIMITED,
    DATABASE_URL: asApplication(fresh.url),
    HOLDFAST_MIGRATION_URL: fresh.url,
    HOLDFAST_CONNECTIONS_MAX: "2",
    HOLDFAST_DATA: folder.path,
    HOLDFAST_PORT: "0",
  });
  await main.says("Holdfast serves");
});
afterAll(async () => {
  main.signal("SIGTERM");
  await main.exited;
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `npm run recovery-design --` with these words, by somebody or by nobody. */
function run(by: typeof RUTH | null, ...words: readonly string[]): Promise<Ended> {
  const own = by === null ? {} : { HOLDFAST_AUTHORIZATION: bearer(by) };
  const env = { PATH: process.env["PATH"], ...own };
  return new Promise((resolve) => {
    const command = ["--import=tsx/esm", "scripts/recoveryDesign.ts", ...words];
    execFile(process.execPath, command, { cwd: root, env }, (fault, out, err) => {
      resolve({ code: fault === null ? 0 : Number(fault.code), out, err });
    });
  });
}

describe("the command that writes the recovery design document", () => {
  test("prints it as Markdown, whose first section is the gaps", async () => {
    const { code, out, err } = await run(RUTH, "--url", urlOf(main));
    expect([code, err]).toEqual([0, ""]);
    const lines = out.split("\n");
    expect(lines[0]).toBe("# Recovery design");
    const [first, second] = lines.filter((line) => line.startsWith("## "));
    expect(first).toMatch(/^## Gaps: [1-9]\d*$/);
    expect(second).toBe("## Components and intended state");
    expect(out).toContain("- Components and intended state: no component is known\n");
    expect(out).toContain("- Emergency access: there is no plan\n");
    expect(out).toContain("exercises have a document of their own.");
  });

  test("writes that of exercises to a file, and says its digest", async () => {
    const file = place("design.md");
    const words = ["--url", urlOf(main), "--exercise", "--out", file];
    const { code, out, err } = await run(RUTH, ...words);
    expect([code, err]).toEqual([0, ""]);
    const written = await readFile(file, "utf8");
    expect(written).toMatch(/^# Recovery design \(EXERCISE\)\n/);
    expect(out).toBe(`${file} is written; its SHA-256 is ${sha256Hex(written)}\n`);
  });

  test("ends with 1 for whoever may not see it, and where no server of ours answers", async () => {
    const url = ["--url", urlOf(main)];
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const page = `${urlOf(main)}/nothing/`;
    const ends = [
      [await run(RITA, ...url), "refused: "],
      [await run(passport("mallory"), ...url), "refused: "],
      [await run(RUTH, "--url", nowhere), `${nowhere} does not answer as a server of ours`],
    ] as const;
    for (const [ended, why] of ends) {
      expect(ended).toMatchObject({ code: 1, out: "" });
      expect(ended.err).toContain(why);
      expect(ended.err.trim().split("\n")).toHaveLength(1);
    }
    // Whatever the address's path is, it is the server's that counts.
    expect(await run(RUTH, "--url", page)).toMatchObject({ code: 0 });
  });

  test("ends with 2 for a wrong command line, and says where help is", async () => {
    const wrong = [
      await run(RUTH),
      await run(RUTH, "--url", "not an address"),
      await run(RUTH, "--url", urlOf(main), "--format", "html"),
      await run(RUTH, "document", "--url", urlOf(main)),
      await run(null, "--url", urlOf(main)),
    ];
    for (const { code, out, err } of wrong) {
      expect([code, out]).toEqual([2, ""]);
      expect(err).toContain("npm run recovery-design -- --help says what there is.\n");
    }
    const help = await run(null, "--help");
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toContain("--exercise  the document of exercises");
  });
});
