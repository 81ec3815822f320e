/** What one event of a stream tells: the value of the subscription's only field. */
export interface Event {
  readonly kind: string;
  readonly cursor: string;
  readonly [name: string]: unknown;
}

/** A stream is over: with these codes, of errors or of the socket's close; with none, in peace. */
export class StreamEnded extends Error {
  override readonly name = "StreamEnded";
  readonly codes: readonly string[];

  constructor(codes: readonly string[]) {
    super(`the stream ended: ${codes.join() || "complete"}`);
    this.codes = codes;
  }
}

/** What a stream has brought and nobody has taken yet. */
export class Inbox {
  readonly #events: Event[] = [];
  #end: StreamEnded | null = null;
  #wake: () => void = () => undefined;

  push(event: Event): void {
    if (this.#end !== null) throw new Error("an event came after the end");
    this.#events.push(event);
    this.#wake();
  }

  /** What ends it first counts. */
  end(codes: readonly string[]): void {
    this.#end ??= new StreamEnded(codes);
    this.#wake();
  }

  /** The next event; throws {@link StreamEnded} once there is none any more. */
  async next(): Promise<Event> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      if (this.#end !== null) throw this.#end;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** The codes of errors; of one without a code, its message. */
export function codesOf(errors: readonly ToldError[]): string[] {
  return errors.map(({ message, extensions = {} }) => {
    const { code } = extensions;
    return typeof code === "string" ? code : message;
  });
}

/** An error of a GraphQL result. */
export interface ToldError {
  readonly message: string;
  readonly extensions?: { readonly [name: string]: unknown };
}

/** The event of a result with one field. */
export function eventOf(data: object | null | undefined): Event {
  const [event] = Object.values(data ?? {}) as unknown[];
  return event as Event;
}
