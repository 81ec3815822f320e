import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const top = fileURLToPath(new URL("../..", import.meta.url));

interface Line {
  readonly line: string;
  readonly [field: string]: unknown;
}

/** The rehearsal as anybody starts it, with a temporary folder of its own. */
async function rehearse(...args: string[]) {
  const temporary = await mkdtemp(path.join(tmpdir(), "holdfast-rehearse-test-"));
  onTestFinished(() => rm(temporary, { recursive: true, force: true }));
  // Started by root the server runs as another account, who has to get in.
  await chmod(temporary, 0o755);
  const command = ["--import", "tsx", "--conditions=development", "scripts/rehearse.ts", ...args];
  const child = spawn(process.execPath, command, {
    cwd: top,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill();
  });
  return { child, temporary, ended: once(child, "exit") };
}

async function* linesOf(child: ChildProcess): AsyncGenerator<Line> {
  if (child.stdout === null) throw new Error("nothing can be read");
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as Line;
}

/** The data directories of rehearsals in this folder. */
async function leftIn(temporary: string): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith("holdfast"));
}

test("the whole incident goes as expected, and leaves nothing behind", async () => {
  const { child, temporary, ended } = await rehearse("--json");
  const lines: Line[] = [];
  for await (const line of linesOf(child)) lines.push(line);
  expect(await ended).toEqual([0, null]);
  const of = (kind: string) => lines.filter((item) => item.line === kind);

  expect(lines[0]?.line).toBe("opening");
  expect(lines.at(-1)).toMatchObject({ line: "end", stages: 20, asExpected: true });
  expect(of("verdict").map((item) => item["asExpected"])).toEqual(of("stage").map(() => true));
  expect(of("revision").map((item) => item["revision"])).toEqual(
    of("revision").map((_, at) => at + 1),
  );
  expect(of("measure").map((item) => item["rule"])).toEqual(["9.1", "9.2", "9.3", "9.4"]);
  expect(of("measure")[1]?.["figures"]).toMatchObject({ share: 1, missing: 0, false: 0 });
  expect(of("measure")[3]?.["figures"]).toMatchObject({ share: 1, flapped: 0 });
  expect(of("gate").at(-1)).toMatchObject({ status: "OPEN", reasons: [] });
  expect(of("preview")).toHaveLength(1);

  const standings = of("revision").map((item) => item["standing"]);
  const turns = standings.filter((standing, at) => standing !== standings[at - 1]);
  expect(turns).toEqual([null, "STANDING", "SUSPENDED", "STANDING", "LAPSED", "STANDING"]);
  expect(await leftIn(temporary)).toEqual([]);
});

test("an interruption closes everything", async () => {
  const { child, temporary, ended } = await rehearse("--json");
  for await (const { line } of linesOf(child)) {
    if (line === "revision") child.kill("SIGINT");
  }
  expect(await ended).toEqual([130, null]);
  expect(await leftIn(temporary)).toEqual([]);
});

test("data that is already there is never played over", async () => {
  const { child, ended } = await rehearse("--json", "--data", path.join(top, "test"));
  child.stdout.resume();
  expect(await ended).toEqual([1, null]);
});
