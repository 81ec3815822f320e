import { expect } from "vitest";
import { connect } from "#database/connect.ts";
import { canonical } from "#proof/canonical.ts";
import { arranged } from "#ledger/arranged.ts";
import { Refusal } from "#packet/refusal.ts";
import { type DataDirectory, postmasterOf } from "../database/dataDirectory.ts";
import { startOtherNode } from "../database/otherNode.ts";
import { openDesk } from "../workflow/openDesk.ts";
import type { Wire } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";
import { type AppendNode, type Asked, type Heard, startAppendNode } from "./appendNode.ts";
import { chance } from "./chance.ts";
import { lineageFaults, revisionsIn } from "./lineageCheck.ts";

/** What is killed. */
export type Victim = "process" | "database" | "session" | "both";

/** All that was heard of requests, over every round. */
export interface Book {
  readonly asked: Map<string, Asked>;
  readonly acknowledged: Map<string, unknown>;
}

/** What the rounds came to, for the log. */
export interface Killed {
  readonly seed: number;
  readonly acknowledged: number;
  /** Requests whose outcome only their key could tell: how many were done, and how many were not. */
  readonly found: number;
  readonly missing: number;
  /** How often a process was told that an outcome is unknown, and asked again by itself. */
  readonly unknown: number;
}

/** At least so many changes are acknowledged before a kill, and less than so many more by chance. */
export const ACKNOWLEDGED_MIN = 26;
export const ACKNOWLEDGED_MORE = 60;
export const SPIN_US_MAX = 4000;
/** Appends allowed for each kill: more than are waited for, so that it comes in their midst. */
export const APPENDS = 150;

/**
 * Kills one after the other, each in the midst of appending, and looks after each start that
 * nothing acknowledged is lost, doubled or changed and that nobody had to help.
 */
export async function killRounds(
  directory: DataDirectory,
  victims: readonly Victim[],
  seed?: number,
): Promise<Killed> {
  const dice = chance(`kill -9 of ${[...new Set(victims)].join(", ")}`, seed);
  const book: Book = { asked: new Map(), acknowledged: new Map() };
  const counts = { found: 0, missing: 0, unknown: 0 };
  let node = startAppendNode(directory.path, "kill-0");
  try {
    for (const [round, victim] of victims.entries()) {
      const from = node.heard.length;
      node.allow(APPENDS);
      const enough = acknowledgedBy(ACKNOWLEDGED_MIN + dice.below(ACKNOWLEDGED_MORE));
      // One in five is killed while it is still opening the directory.
      await node.until((heard) => (round % 5 === 4 ? isOpening(heard) : enough(heard.slice(from))));
      spin(dice.below(SPIN_US_MAX));
      const before = node;
      node = await killOnce(directory, victim, { node, book, name: `kill-${round + 1}` });
      await node.until(isOpened);
      if (round === 0) await refusesSecond(directory, node);
      // Of a process that lives it is its own to ask again, and it does.
      const left = node === before ? new Map<string, Asked>() : book.asked;
      const resolved = await looksRight(urlOf(node.heard), book, left);
      counts.found += resolved.found;
      counts.missing += resolved.missing;
      counts.unknown += before.heard.filter(({ step }) => step === "unknown").length;
    }
    node.allow(1);
    await node.until(acknowledgedBy(1));
  } finally {
    await node.kill();
    await postmasterOf(directory).then(
      (pid) => process.kill(pid, "SIGKILL"),
      () => false,
    );
  }
  return { seed: dice.seed, acknowledged: book.acknowledged.size, ...counts };
}

const isOpening = (heard: readonly Heard[]): boolean => heard.length > 0;
/** Whether it serves. */
export const isOpened = (heard: readonly Heard[]): boolean =>
  heard.some(({ step }) => step === "opened");
/** Whether so many changes were acknowledged. */
export const acknowledgedBy =
  (count: number) =>
  (heard: readonly Heard[]): boolean =>
    heard.filter(({ step }) => step === "acknowledged").length >= count;

function urlOf(heard: readonly Heard[]): string {
  const opened = heard.find((each) => each.step === "opened");
  if (opened === undefined) throw new Error("it has not opened the directory");
  return opened.url;
}

/** Answers the process that appends from now on. */
async function killOnce(
  directory: DataDirectory,
  victim: Victim,
  { node, book, name }: { node: AppendNode; book: Book; name: string },
): Promise<AppendNode> {
  if (isOpened(node.heard)) {
    if (victim === "session") process.kill(await busySession(urlOf(node.heard)), "SIGKILL");
    else if (victim !== "process") process.kill(await postmasterOf(directory), "SIGKILL");
  }
  if (victim === "database" || victim === "session") {
    // The process lives on: whoever waits for an answer gets one, from the server that it starts again.
    const from = node.heard.length;
    await node.until((heard) => acknowledgedBy(20)(heard.slice(from)));
    remember(node.heard, book);
    return node;
  }
  await node.kill();
  remember(node.heard, book);
  return startAppendNode(directory.path, name);
}

/** The process id of one of the server's own processes that serves the one that appends. */
async function busySession(url: string): Promise<number> {
  const database = connect(url, { applicationName: "holdfast check", connectionsMax: 1 });
  try {
    const [session] = await database.sql<{ pid: number }[]>`
      SELECT pid FROM pg_stat_activity WHERE application_name = 'holdfast appender'
      ORDER BY state = 'active' DESC LIMIT 1`;
    if (session === undefined) throw new Error("nobody appends");
    return session.pid;
  } finally {
    await database.close();
  }
}

/** Lets so many microseconds pass. */
export function spin(us: number): void {
  const until = process.hrtime.bigint() + BigInt(us) * 1000n;
  while (process.hrtime.bigint() < until);
}

/** Takes over what a process has told. */
export function remember(heard: readonly Heard[], { asked, acknowledged }: Book): void {
  for (const each of heard) {
    if (each.step === "asked") asked.set(each.key, each);
    if (each.step === "acknowledged") acknowledged.set(each.key, each.answer);
    if (each.step === "unknown") expect(each.name, each.fault).toBe("OutcomeUnknown");
  }
}

async function refusesSecond(directory: DataDirectory, holder: AppendNode): Promise<void> {
  const other = await startOtherNode(directory.path);
  if (other.answer.opened) throw new Error("a second process opened the directory");
  expect(other.answer.message).toContain("holdfast appender");
  expect(other.answer.holder.pid).toBe(holder.pid);
  await other.leave();
}

/** Looks at every row, and settles by its key whatever was not acknowledged. */
export async function looksRight(
  url: string,
  book: Book,
  left: ReadonlyMap<string, Asked>,
): Promise<{ found: number; missing: number }> {
  const database = connect(url, { applicationName: "holdfast check", connectionsMax: 2 });
  const desk = await openDesk(database);
  const counts = { found: 0, missing: 0 };
  try {
    for (const [key, { verb, by, input }] of left) {
      if (book.acknowledged.has(key)) continue;
      const [row] = await database.sql`SELECT FROM idempotency WHERE key = ${key}`;
      const answer = await VERBS[verb].call(desk, by, input);
      expect(answer).not.toBeInstanceOf(Refusal);
      const isRepeated = canonical(arranged(answer)).includes('"repeated":true');
      expect(isRepeated, `${key} was ${row === undefined ? "not " : ""}recorded`).toBe(
        row !== undefined,
      );
      if (isRepeated) counts.found += 1;
      else counts.missing += 1;
      book.acknowledged.set(key, answer);
    }
    expect(await unlikeAcknowledged(database.sql, book)).toEqual([]);
    expect(await lineageFaults(database)).toEqual([]);
  } finally {
    await desk.ledger.close();
    await database.close();
  }
  return counts;
}

/** Invariant: every acknowledged change is kept under its key with the revisions and digests that were told. */
export async function unlikeAcknowledged(
  sql: ReturnType<typeof connect>["sql"],
  { acknowledged }: { readonly acknowledged: ReadonlyMap<string, unknown> },
): Promise<string[]> {
  const rows = await sql<{ key: string; answer: string }[]>`SELECT key, answer FROM idempotency`;
  const kept = new Map(rows.map(({ key, answer }) => [key, JSON.parse(answer) as Wire]));
  return [...acknowledged].flatMap(([key, answer]) => {
    const told = revisionsIn(answer).join(", ");
    const found = kept.get(key);
    const isKept = found !== undefined && revisionsIn(found).join(", ") === told;
    return isKept ? [] : [`${key} was told ${told}`];
  });
}
