import { performance } from "node:perf_hooks";
import { Asking } from "./asking.ts";
import { tokenOf } from "./built.ts";
import { withServer } from "./http.ts";
import { type Figure, interleave } from "./measure.ts";
import { openPacket } from "./store.ts";

const DOCUMENTS_PER_SECOND = 200;
/** Sent one by one, from so many connections in turn. */
const SENDERS = 10;
const QUESTIONS = 100;
const ARTIFACTS = 10;

const QUESTION = `query ($packet: UUID!) { packet(packet: $packet) { status revision openHolds } }`;

/** Row D16: whoever sends documents that nobody has seen must not slow down all others. */
export const documentThrash: Figure = {
  name: "document-thrash",
  what: `the 99th percentile of ${QUESTIONS} questions while somebody else sends ${DOCUMENTS_PER_SECOND} different documents a second`,
  peer: "the same with nobody else asking",
  limit: { atMost: 2 },
  run: () =>
    withServer(async ({ ledger, url, postgres }) => {
      const packet = await openPacket(ledger, ARTIFACTS, "train-thrash");
      const asking = new Asking(url, tokenOf("rita"));
      const p99 = async (): Promise<number> => {
        const times: number[] = [];
        while (times.length < QUESTIONS) {
          const begun = performance.now();
          await asking.ask(QUESTION, { packet });
          times.push(performance.now() - begun);
        }
        return times.toSorted((left, right) => left - right)[QUESTIONS - 2] ?? Number.NaN;
      };
      const counts = { answered: 0, refused: 0 };
      const times = { subject: [] as number[], peer: [] as number[] };
      await interleave(
        { warmUp: 2, counted: 15 },
        async () => {
          const load = new Load(url);
          times.subject.push(await p99());
          const { answered, refused } = await load.stop();
          counts.answered += answered;
          counts.refused += refused;
        },
        async () => {
          times.peer.push(await p99());
        },
      );
      asking.close();
      const of = { postgres, questions: QUESTIONS, documentsPerSecond: DOCUMENTS_PER_SECOND };
      const settings = { ...of, answered: counts.answered, refused: counts.refused };
      return { subject: times.subject.slice(2), peer: times.peer.slice(2), settings };
    }),
};

let documents = 0;

/** About as large as what a page of ours asks, and like no other that was sent. */
function newDocument(): string {
  documents += 1;
  const fields = Array.from({ length: 10 }, (_none, at) => `f${documents}x${at}: name roles`);
  return `{ viewer { ${fields.join(" ")} } }`;
}

/** Somebody who sends new documents without waiting for answers, whether or not they are refused (429). */
class Load {
  #answered = 0;
  #refused = 0;
  readonly #senders: readonly Asking[];
  readonly #sending = new Set<Promise<unknown>>();
  readonly #timer: NodeJS.Timeout;

  constructor(url: string) {
    this.#senders = Array.from({ length: SENDERS }, () => new Asking(url, tokenOf("probe")));
    this.#timer = setInterval(() => this.#send(), 1_000 / DOCUMENTS_PER_SECOND);
  }

  #send(): void {
    const sender = this.#senders[documents % SENDERS];
    if (sender === undefined) throw new Error("there is no sender");
    const sent = this.#sendTo(sender).finally(() => this.#sending.delete(sent));
    this.#sending.add(sent);
  }

  async #sendTo(sender: Asking): Promise<void> {
    try {
      await sender.ask(newDocument(), {});
      this.#answered += 1;
    } catch (fault) {
      if (!String(fault).includes("answered 429")) throw fault;
      this.#refused += 1;
    }
  }

  async stop(): Promise<{ readonly answered: number; readonly refused: number }> {
    clearInterval(this.#timer);
    await Promise.all(this.#sending);
    for (const sender of this.#senders) sender.close();
    return { answered: this.#answered, refused: this.#refused };
  }
}
