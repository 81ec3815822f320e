import { spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { asApplication, freshDatabase } from "../database/freshDatabase.ts";
import { ownFolder } from "../identity/passports.ts";
import { startRedis } from "../live/redisServer.ts";
import { type MainProcess, startMain, urlOf } from "../server/startMain.ts";

const fresh = freshDatabase();
const folder = ownFolder();
const top = path.resolve(import.meta.dirname, "..", "..");

/** The shortest that a server is configured with. */
const EPOCH_MS = "1500";

/** The stage that is played on a server of the rehearsal's own alone. */
const OF_ITS_OWN = "Single sign-on is down";

/** Redis is restarted when so many stages are over, of the 23 that there are. */
const RESTARTED_IN = 9;

interface Line {
  readonly line: string;
  readonly [field: string]: unknown;
}

async function startNode(redisUrl: string, principals: string): Promise<MainProcess> {
  const main = startMain({
    DATABASE_URL: asApplication(fresh.url),
    HOLDFAST_CONNECTIONS_MAX: "6",
    HOLDFAST_DATA: await mkdtemp(path.join(folder.path, "node-")),
    HOLDFAST_EPOCH_MS: EPOCH_MS,
    HOLDFAST_MIGRATION_URL: fresh.url,
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: principals,
    HOLDFAST_TICK_GAP_MAX_MS: "60000",
    REDIS_URL: redisUrl,
  });
  onTestFinished(async () => {
    main.signal("SIGTERM");
    await main.exited;
  });
  await main.says("Holdfast serves");
  return main;
}

/** Plays it, has something done when a stage is over, and resolves to all that it told. */
async function played(args: readonly string[], onStage: (stage: number) => void): Promise<Line[]> {
  const command = ["--import", "tsx", "scripts/rehearse.ts", "--json", ...args];
  const child = spawn(process.execPath, command, {
    cwd: top,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill();
  });
  const lines: Line[] = [];
  for await (const text of createInterface(child.stdout)) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (line.line === "verdict") onStage(Number(line["stage"]));
  }
  return lines;
}

/** What is the same in every performance: all but names of this one, digests, and what time brings. */
function storyOf(lines: readonly Line[]): string[] {
  const [, mark = null] = /"(?:alder|birch|cedar)\.(\w+)"/.exec(JSON.stringify(lines)) ?? [];
  let title: unknown = null;
  const isTold = ({ line, title: next }: Line): boolean => {
    if (line === "stage") title = next;
    return STORY.has(line) && title !== OF_ITS_OWN;
  };
  const told = lines.filter(isTold).map((line) => JSON.stringify({ ...line, ...OF_THIS_ONE }));
  return mark === null ? told : told.map((text) => text.replaceAll(`.${mark}`, ""));
}

const STORY = new Set(["stage", "done", "refused", "revision", "quorum", "preview", "verdict"]);

const OF_THIS_ONE = {
  stage: null,
  digest: null,
  words: null,
  advisories: null,
  epoch: null,
  message: null,
  tells: null,
  seenAfterMs: null,
};

test("the rehearsal is the same on two nodes while Redis is restarted in its midst", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.remove());
  const principals = path.join(folder.path, "principals.json");
  await writeFile(principals, '{ "principals": [] }');
  const [first, second] = await Promise.all([
    startNode(redis.url, principals),
    startNode(redis.url, principals),
  ]);
  const given = ["--url", urlOf(first), "--principals", principals, "--alone"];
  let restarted = Promise.resolve();
  const restart = (stage: number): void => {
    if (stage === RESTARTED_IN) restarted = redis.stop().then(() => redis.start());
  };
  const [onTwo, onItsOwn] = await Promise.all([
    played([...given, "--other-url", urlOf(second)], restart),
    played([], () => undefined),
  ]);
  await restarted;
  const faults = onTwo.filter(({ line }) => line === "verdict").flatMap((line) => line["faults"]);
  expect(faults).toEqual([]);
  expect(onTwo.at(-1)).toMatchObject({ line: "end", stages: 23, asExpected: true });
  expect(storyOf(onTwo)).toEqual(storyOf(onItsOwn));
});
