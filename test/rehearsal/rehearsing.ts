import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";

/** The project's folder. */
export const top = fileURLToPath(new URL("../..", import.meta.url));

/** One thing that a rehearsal tells programs. */
export interface Line {
  readonly line: string;
  readonly [field: string]: unknown;
}

/** A folder of the test's own. */
export async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-rehearse-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // Started by root the database runs as another account, which has to get in.
  await chmod(folder, 0o755);
  return folder;
}

/** One that was started. */
export interface Rehearsal {
  readonly child: ChildProcess;
  /** The folder in which it may leave something behind. */
  readonly temporary: string;
  /** What it has said on standard error. */
  readonly said: () => string;
  /** Its exit code and its signal. */
  readonly ended: Promise<unknown[]>;
}

/** The rehearsal as anybody starts it, with a temporary folder of its own. */
export async function rehearse(...args: string[]): Promise<Rehearsal> {
  const temporary = await ownFolder();
  const command = ["--import", "tsx", "scripts/rehearse.ts", ...args];
  const child = spawn(process.execPath, command, {
    cwd: top,
    env: { ...process.env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  onTestFinished(() => {
    child.kill();
  });
  return { child, temporary, said: () => said, ended: once(child, "close") };
}

/** What it tells, line by line. */
export async function* linesOf(child: ChildProcess): AsyncGenerator<Line> {
  if (child.stdout === null) throw new Error("nothing can be read");
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as Line;
}

/** The data directories of rehearsals in this folder. */
export async function leftIn(temporary: string): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith("holdfast"));
}

/** How far a rehearsal goes. */
export interface Extent {
  readonly stages: number;
  readonly revisions: number;
}

/** With the frozen epoch and the outage of single sign-on; with the first alone; with neither. */
export const WHOLE: Extent = { stages: 24, revisions: 47 };
export const ALONE: Extent = { stages: 23, revisions: 47 };
export const AMONG_OTHERS: Extent = { stages: 22, revisions: 43 };

/** So many revisions are made by time, of which nobody waits for the answer. */
const BY_TIME = 2;

/** Every line of a rehearsal in which everything went as expected. `hear` is told each as it comes. */
export async function expectWhole(
  { child, said, ended }: Rehearsal,
  { stages, revisions }: Extent,
  hear: (line: Line) => void = () => undefined,
): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of linesOf(child)) {
    lines.push(line);
    hear(line);
  }
  const of = (kind: string) => lines.filter((item) => item.line === kind);
  const faults = of("verdict").flatMap((item) => item["faults"]);
  const times = of("revision").map(
    (item) => `${String(item["revision"])} at ${String(item["epoch"])}`,
  );
  expect({ faults, said: said(), ended: await ended }, times.join(", ")).toEqual({
    faults: [],
    said: "",
    ended: [0, null],
  });
  expect(lines[0]?.line).toBe("opening");
  expect(lines.at(-1)).toMatchObject({ line: "end", stages, asExpected: true });
  expect(of("verdict").map((item) => item["asExpected"])).toEqual(of("stage").map(() => true));
  expect(of("revision")).toHaveLength(revisions);
  expect(of("revision").map((item) => item["revision"])).toEqual(
    of("revision").map((_, at) => at + 1),
  );
  expect(of("measure").map((item) => item["rule"])).toEqual(["9.1", "9.2", "9.3", "9.4"]);
  expect(of("measure")[0]?.["figures"]).toMatchObject({ revisions: revisions - BY_TIME });
  expect(of("measure")[1]?.["figures"]).toMatchObject({ share: 1, missing: 0, false: 0 });
  expect(of("measure")[3]?.["figures"]).toMatchObject({ share: 1, flapped: 0 });
  expect(of("gate").at(-1)).toMatchObject({ status: "OPEN", reasons: [] });
  expect(of("preview")).toHaveLength(1);

  const standings = of("revision").map((item) => item["standing"]);
  const turns = standings.filter((standing, at) => standing !== standings[at - 1]);
  expect(turns).toEqual([null, "STANDING", "SUSPENDED", "STANDING", "LAPSED", "STANDING"]);
  expect(lines.at(-2)?.line).toBe("design");
  expect(lines.at(-2)?.["markdown"]).toMatch(
    /^# Recovery design \(EXERCISE\)\n[^]*\n## Gaps: \d+\n/,
  );
  return lines;
}
