import { connect } from "#database/connect.ts";
import { type AppendNode, type Asked, startAppendNode } from "./appendNode.ts";
import { chance } from "./chance.ts";
import {
  ACKNOWLEDGED_MIN,
  ACKNOWLEDGED_MORE,
  APPENDS,
  type Book,
  type Killed,
  SPIN_US_MAX,
  acknowledgedBy,
  isOpened,
  looksRight,
  remember,
  spin,
} from "./kills.ts";

/** Once in so many kills both nodes are killed. */
const BOTH_ONCE_IN = 4;

/** One of two processes on the same database, by the name that its sessions there have. */
interface Node {
  readonly name: string;
  readonly process: AppendNode;
}

/** Two processes that append to the same packets of one database. */
class Pair {
  readonly book: Book = { asked: new Map(), acknowledged: new Map() };
  readonly counts = { found: 0, missing: 0, unknown: 0 };
  readonly #url: string;
  readonly #nodes: Node[] = [];
  #started = 0;

  constructor(url: string) {
    this.#url = url;
  }

  /** Puts a new process in a slot; resolves when it serves. */
  async start(slot: number): Promise<void> {
    const name = `pair-${this.#started}`;
    this.#started += 1;
    const node = { name, process: startAppendNode(this.#url, name) };
    this.#nodes[slot] = node;
    await node.process.until(isOpened);
  }

  at(slot: number): AppendNode {
    return this.#of(slot).process;
  }

  /** Kills the processes of some slots at once, and settles by its key what they were not answered. */
  async kill(slots: readonly number[]): Promise<void> {
    const dead = slots.map((slot) => this.#of(slot));
    await Promise.all(dead.map(({ process }) => process.kill()));
    await this.#sessionsEnd(dead.map(({ name }) => name));
    const left = new Map<string, Asked>();
    for (const { process } of this.#nodes) remember(process.heard, this.book);
    for (const { process } of dead) {
      for (const each of process.heard) if (each.step === "asked") left.set(each.key, each);
      this.counts.unknown += process.heard.filter(({ step }) => step === "unknown").length;
    }
    const { found, missing } = await looksRight(this.#url, this.book, left);
    this.counts.found += found;
    this.counts.missing += missing;
  }

  /** Ends what still runs, whatever it does. */
  async end(): Promise<void> {
    await Promise.all(this.#nodes.map(({ process }) => process.kill()));
  }

  /** What the server was told to commit before the kill, it may commit after it. */
  async #sessionsEnd(names: readonly string[]): Promise<void> {
    const database = connect(this.#url, { applicationName: "holdfast check", connectionsMax: 1 });
    try {
      const applications = names.map((name) => `holdfast ${name}`);
      let sessions = 1;
      while (sessions > 0) {
        const rows = await database.sql`
          SELECT FROM pg_stat_activity WHERE application_name IN ${database.sql(applications)}`;
        sessions = rows.length;
      }
    } finally {
      await database.close();
    }
  }

  #of(slot: number): Node {
    const node = this.#nodes[slot];
    if (node === undefined) throw new Error(`nothing runs in slot ${slot}`);
    return node;
  }
}

/**
 * Kills one of two processes on the same database after the other, at times both, each in the
 * midst of appending, and looks after each kill, while the other goes on, that nothing
 * acknowledged by either is lost, doubled or changed.
 */
export async function pairKillRounds(url: string, kills: number, seed?: number): Promise<Killed> {
  const dice = chance("kill -9 of two nodes", seed);
  const pair = new Pair(url);
  try {
    for (const slot of [0, 1]) await pair.start(slot);
    for (let round = 0; round < kills; round += 1) {
      const slot = dice.below(2);
      const isBoth = dice.below(BOTH_ONCE_IN) === 0;
      const enough = acknowledgedBy(ACKNOWLEDGED_MIN + dice.below(ACKNOWLEDGED_MORE));
      const from = pair.at(slot).heard.length;
      for (const each of [0, 1]) pair.at(each).allow(APPENDS);
      await pair.at(slot).until((heard) => enough(heard.slice(from)));
      spin(dice.below(SPIN_US_MAX));
      const slots = isBoth ? [0, 1] : [slot];
      await pair.kill(slots);
      await Promise.all(slots.map((each) => pair.start(each)));
    }
    await pair.kill([0, 1]);
  } finally {
    await pair.end();
  }
  return { seed: dice.seed, acknowledged: pair.book.acknowledged.size, ...pair.counts };
}
