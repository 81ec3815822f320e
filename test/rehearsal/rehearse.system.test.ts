import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { startMain, urlOf } from "../server/startMain.ts";

const top = fileURLToPath(new URL("../..", import.meta.url));

interface Line {
  readonly line: string;
  readonly [field: string]: unknown;
}

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-rehearse-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  // Started by root the database runs as another account, which has to get in.
  await chmod(folder, 0o755);
  return folder;
}

interface Rehearsal {
  readonly child: ChildProcess;
  /** The folder in which it may leave something behind. */
  readonly temporary: string;
  /** What it has said on standard error. */
  readonly said: () => string;
  /** Its exit code and its signal. */
  readonly ended: Promise<unknown[]>;
}

/** The rehearsal as anybody starts it, with a temporary folder of its own. */
async function rehearse(...args: string[]): Promise<Rehearsal> {
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

/** A server of its own on an embedded database, and the principals file that it reads. */
async function serve(environment: Readonly<Record<string, string>>) {
  const data = path.join(await ownFolder(), "data");
  const main = startMain({ HOLDFAST_DATA: data, HOLDFAST_PORT: "0", ...environment });
  onTestFinished(async () => {
    main.signal("SIGTERM");
    await main.exited;
  });
  await main.says(/curl[\s\S]+__typename/);
  const principals = path.join(data, "principals.json");
  return { url: urlOf(main), principals, before: await readFile(principals, "utf8") };
}

async function* linesOf(child: ChildProcess): AsyncGenerator<Line> {
  if (child.stdout === null) throw new Error("nothing can be read");
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as Line;
}

/** The data directories of rehearsals in this folder. */
async function leftIn(temporary: string): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith("holdfast"));
}

async function expectWhole({ child, said, ended }: Rehearsal): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of linesOf(child)) lines.push(line);
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
  expect(lines.at(-1)).toMatchObject({ line: "end", stages: 20, asExpected: true });
  expect(of("verdict").map((item) => item["asExpected"])).toEqual(of("stage").map(() => true));
  expect(of("revision")).toHaveLength(38);
  expect(of("revision").map((item) => item["revision"])).toEqual(
    of("revision").map((_, at) => at + 1),
  );
  expect(of("measure").map((item) => item["rule"])).toEqual(["9.1", "9.2", "9.3", "9.4"]);
  expect(of("measure")[0]?.["figures"]).toMatchObject({ revisions: 36 });
  expect(of("measure")[1]?.["figures"]).toMatchObject({ share: 1, missing: 0, false: 0 });
  expect(of("measure")[3]?.["figures"]).toMatchObject({ share: 1, flapped: 0 });
  expect(of("gate").at(-1)).toMatchObject({ status: "OPEN", reasons: [] });
  expect(of("preview")).toHaveLength(1);

  const standings = of("revision").map((item) => item["standing"]);
  const turns = standings.filter((standing, at) => standing !== standings[at - 1]);
  expect(turns).toEqual([null, "STANDING", "SUSPENDED", "STANDING", "LAPSED", "STANDING"]);
  return lines;
}

test("the whole incident goes as expected on a server of its own, and leaves nothing behind", async () => {
  const rehearsal = await rehearse("--json");
  await expectWhole(rehearsal);
  expect(await leftIn(rehearsal.temporary)).toEqual([]);
});

test("a server that is given plays it as well, and knows none of the cast afterwards", async () => {
  const { url, principals, before } = await serve({ HOLDFAST_EPOCH_MS: "1500" });
  await expectWhole(await rehearse("--json", "--url", url, "--principals", principals));
  expect(await readFile(principals, "utf8")).toBe(before);
});

test("a server whose epochs are too long, or that reads another file, is refused with the remedy", async () => {
  const { url, principals, before } = await serve({});
  const slow = await rehearse("--url", url, "--principals", principals);
  slow.child.stdout?.resume();
  expect(await slow.ended).toEqual([1, null]);
  expect(slow.said()).toContain("lasts 60 s: for a rehearsal start it with HOLDFAST_EPOCH_MS=1500");
  expect(await readFile(principals, "utf8")).toBe(before);

  const other = path.join(await ownFolder(), "principals.json");
  await writeFile(other, '{ "principals": [] }');
  const stranger = await rehearse("--url", url, "--principals", other);
  stranger.child.stdout?.resume();
  expect(await stranger.ended).toEqual([1, null]);
  expect(stranger.said()).toContain("does not know whom the rehearsal added");
  expect(JSON.parse(await readFile(other, "utf8"))).toEqual({ principals: [] });
});

test("where no server answers, the address is named and nobody is left in the file", async () => {
  const file = path.join(await ownFolder(), "principals.json");
  await writeFile(file, '{ "principals": [] }');
  const nowhere = "http://127.0.0.1:1";
  const { child, said, ended } = await rehearse("--url", nowhere, "--principals", file);
  child.stdout?.resume();
  expect(await ended).toEqual([1, null]);
  expect(said()).toContain(`the server at ${nowhere} does not answer`);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ principals: [] });
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
  const { child, said, ended } = await rehearse("--json", "--data", path.join(top, "test"));
  child.stdout?.resume();
  expect(await ended).toEqual([1, null]);
  expect(said()).toContain("holds something already");
});
