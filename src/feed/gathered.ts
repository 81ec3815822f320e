import { ANSWER_MS_MAX } from "./limits.ts";
import { type SetTimer, within } from "./timer.ts";

/** One read about many streams; of each it is told what is asked. */
export type ReadTogether<Ask, Answer> = (asks: ReadonlyMap<string, Ask>) => Promise<Answer>;

/** How many streams one read may be about, and what times it. */
export interface GatheredOptions {
  readonly streamsMax: number;
  readonly setTimer: SetTimer;
}

/** One read at a time, unless it is late: those who ask while one is under way share the next. */
export class Gathered<Ask, Answer> {
  readonly #read: ReadTogether<Ask, Answer>;
  readonly #options: GatheredOptions;
  /** Resolves when the read that was begun last, or is to be, has come out or is late. */
  #settled: Promise<void> = Promise.resolve();
  #next: { readonly asks: Map<string, Ask>; readonly answer: Promise<Answer> } | null = null;

  constructor(read: ReadTogether<Ask, Answer>, options: GatheredOptions) {
    this.#read = read;
    this.#options = options;
  }

  /** The answer of a read that begins after this call and is about this stream too; rejects as it does. */
  ask(stream: string, ask: Ask): Promise<Answer> {
    const isFull = this.#next !== null && this.#next.asks.size >= this.#options.streamsMax;
    if (this.#next === null || isFull) this.#next = this.#begin();
    this.#next.asks.set(stream, ask);
    return this.#next.answer;
  }

  #begin() {
    const asks = new Map<string, Ask>();
    const before = this.#settled;
    let settle: () => void = () => undefined;
    this.#settled = new Promise((resolve) => {
      settle = resolve;
    });
    const answer = before.then(() => {
      if (this.#next?.asks === asks) this.#next = null;
      const reading = new Promise<Answer>((resolve) => resolve(this.#read(asks)));
      within(this.#options.setTimer, ANSWER_MS_MAX, reading).then(settle, settle);
      return reading;
    });
    return { asks, answer };
  }
}
