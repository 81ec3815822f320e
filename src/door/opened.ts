import type { Log } from "#packet/log.ts";

interface Closer {
  readonly what: string;
  readonly close: () => Promise<void> | void;
}

/** What was opened so far, so that exactly that is closed again, the last first. */
export class Opened {
  readonly #closers: Closer[] = [];
  #closing: Promise<void> | null = null;

  /** Remembers how to close what was just opened. */
  keep(what: string, close: () => Promise<void> | void): void {
    this.#closers.push({ what, close });
  }

  /** Closes everything in reverse, however often it is called. Rejects at the end if a part would not close; the others were. */
  close(log: Log): Promise<void> {
    this.#closing ??= this.#closeAll(log);
    return this.#closing;
  }

  async #closeAll(log: Log): Promise<void> {
    const faults: unknown[] = [];
    for (const { what, close } of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (err) {
        log.error({ err, what }, "a part did not close");
        faults.push(err);
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, "not everything closed");
  }
}
