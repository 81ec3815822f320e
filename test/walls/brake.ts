import { setLoopTimer } from "#feed/timer.ts";
import { StreamEnded, type ToldError, codesOf, eventOf } from "../streams/inbox.ts";
import { RawSocket } from "../streams/rawSocket.ts";
import type { Transport } from "../streams/transports.ts";

/** Keeps readers from taking what comes, until it is let go. */
export class Brake {
  readonly #pauseMs: number | null;
  readonly #waiting = new Set<() => void>();
  #isReleased = false;

  /** Milliseconds between two events; null for no event after the first. */
  constructor(pauseMs: number | null) {
    this.#pauseMs = pauseMs;
  }

  /** From now on everybody takes what comes as it comes. */
  release(): void {
    this.#isReleased = true;
    for (const go of this.#waiting) go();
  }

  /** A socket from which nothing is read between two events. */
  get transport(): Transport {
    return {
      name: this.#pauseMs === null ? "a stalled socket" : "a slow socket",
      follow: ({ url, by, query, variables = {} }) => {
        const raw = new RawSocket(url.replace("http", "ws"));
        const subscribed = raw.introduce(by).then(() => raw.subscribe("1", query, variables));
        // Whoever waits for the next event hears of it.
        subscribed.catch(() => undefined);
        let isFirst = true;
        return {
          next: async () => {
            await subscribed.catch(() => undefined);
            if (!isFirst) await this.#hold();
            isFirst = false;
            raw.socket.resume();
            const event = await nextOf(raw);
            if (!this.#isReleased) raw.socket.pause();
            return event;
          },
          leave: () => raw.socket.terminate(),
        };
      },
      lostRights: "4403",
      goneAway: "1001",
    };
  }

  async #hold(): Promise<void> {
    if (this.#isReleased) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.#waiting.delete(go);
        cancel();
        resolve();
      };
      const cancel =
        this.#pauseMs === null ? (): void => undefined : setLoopTimer(go, this.#pauseMs);
      this.#waiting.add(go);
    });
  }
}

async function nextOf(raw: RawSocket) {
  const message = await raw.next().catch(async () => {
    throw new StreamEnded([String(await raw.closed)]);
  });
  const { type, payload } = message;
  if (type === "next") return eventOf((payload as { data?: object }).data);
  throw new StreamEnded(type === "error" ? codesOf(payload as ToldError[]) : []);
}
