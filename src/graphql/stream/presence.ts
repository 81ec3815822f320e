import { authorizationClassOf } from "#access/authorizationClass.ts";
import type { Viewed } from "#ledger/ledger.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import { type Gate, gateRead } from "#workflow/gateRead.ts";
import { GATE_ANSWER_MS, PRESENT_PAUSE_MS } from "../limits.ts";
import { loadPacket, refusalError } from "../loading.ts";
import type { Context } from "../context.ts";

/** What was read, and the how manieth reading of all it was: a later one is at least as new. */
export interface Present<T> {
  readonly value: T;
  readonly order: bigint;
}

/**
 * What packets are at present, read once for all of an authorization class who ask at the same
 * time: whoever comes while a reading is under way gets the next one, so nobody is told what
 * was the case before they asked. Of one packet a reading begins at once, or with the next beat, in
 * which what is waited for of all packets is read together.
 */
export class Presence {
  readonly #readings = new Map<string, Reading<unknown>>();
  #beat: Promise<void> | null = null;
  #order = 0n;

  /** The packet as it looks now; null when there is none. Throws what reading it throws. */
  view(context: Context, packet: PacketId): Promise<Present<Viewed | null>> {
    return this.#read("view", context, packet, () => loadPacket(context, packet));
  }

  /** What the gate answers now; null where it cannot be read, or not in time. Throws a refusal. */
  gate(context: Context, packet: PacketId): Promise<Present<Gate | null>> {
    return this.#read("gate", context, packet, () => answerInTime(context, packet));
  }

  #read<T>(
    what: string,
    { actor }: Context,
    packet: PacketId,
    read: () => Promise<T>,
  ): Promise<Present<T>> {
    const key = `${what} ${packet} ${authorizationClassOf(actor)}`;
    const known = this.#readings.get(key) as Reading<T> | undefined;
    const reading =
      known ??
      new Reading<T>({ beat: () => this.#next(), onIdle: () => this.#readings.delete(key) });
    this.#readings.set(key, reading);
    return reading.next(async () => {
      this.#order += 1n;
      const order = this.#order;
      return { value: await read(), order };
    });
  }

  /** Resolves at the next beat. */
  #next(): Promise<void> {
    this.#beat ??= new Promise((resolve) => {
      setTimeout(() => {
        this.#beat = null;
        resolve();
      }, PRESENT_PAUSE_MS).unref();
    });
    return this.#beat;
  }
}

/** What a reading waits for before it begins again, and what is called when nobody has asked for a while. */
interface Pacing {
  readonly beat: () => Promise<void>;
  readonly onIdle: () => void;
}

/** One reading after another, each for all who came before it began. */
class Reading<T> {
  readonly #pacing: Pacing;
  #running: Promise<unknown> | null = null;
  #waiting: Promise<Present<T>> | null = null;

  constructor(pacing: Pacing) {
    this.#pacing = pacing;
  }

  /** The first reading that begins from here on. */
  next(read: () => Promise<Present<T>>): Promise<Present<T>> {
    this.#waiting ??= this.#afterRunning(read);
    return this.#waiting;
  }

  async #afterRunning(read: () => Promise<Present<T>>): Promise<Present<T>> {
    await this.#running;
    this.#waiting = null;
    const found = read();
    this.#running = this.#rest(found);
    return found;
  }

  /** Resolves when the next reading may begin. */
  async #rest(found: Promise<unknown>): Promise<void> {
    const { beat, onIdle } = this.#pacing;
    await Promise.allSettled([found, beat()]);
    this.#running = null;
    if (this.#waiting === null) onIdle();
  }
}

async function answerInTime(
  { desk, actor, log, requestId }: Context,
  packet: PacketId,
): Promise<Gate | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), GATE_ANSWER_MS).unref();
  });
  const answer = gateRead(desk, actor, packet).catch((err: unknown) => {
    log.warn({ err, requestId, packet }, "a gate could not be read for its followers");
    return null;
  });
  const gate = await Promise.race([answer, late]);
  clearTimeout(timer);
  if (gate instanceof Refusal) throw refusalError(gate);
  return gate;
}
