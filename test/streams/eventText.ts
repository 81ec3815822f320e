import { Inbox, type ToldError, codesOf, eventOf } from "./inbox.ts";

/** Reads an answer of server-sent events as it comes, head included, and is strict about their form. */
export class EventText {
  readonly inbox = new Inbox();
  /** How many comments came. */
  comments = 0;
  #head: string | null = null;
  #rest = "";
  #isComplete = false;

  /** The answer's status line and headers; empty before they came. */
  get head(): string {
    return this.#head ?? "";
  }

  take(text: string): void {
    this.#rest += text;
    if (this.#head === null) {
      const [head, body] = split(this.#rest, "\r\n\r\n");
      if (body === null) return;
      this.#head = head;
      this.#rest = body;
    }
    if (!this.#isStream) return;
    for (;;) {
      const [block, rest] = split(this.#rest, "\n\n");
      if (rest === null) return;
      this.#rest = rest;
      this.#read(block);
    }
  }

  /** The connection is over: without `complete` it was cut, and may be taken up again. */
  close(): void {
    if (this.#isStream) {
      this.inbox.end(["CUT"]);
      return;
    }
    const { errors = [] } = JSON.parse(this.#rest || "{}") as { errors?: ToldError[] };
    this.inbox.end([/^HTTP\/1\.1 (\d+)/.exec(this.head)?.[1] ?? "NO_ANSWER", ...codesOf(errors)]);
  }

  get #isStream(): boolean {
    return /^content-type: text\/event-stream/im.test(this.head);
  }

  #read(block: string): void {
    if (block === ":") {
      this.comments += 1;
      return;
    }
    if (this.#isComplete) throw new Error("something came after complete");
    const found = /^event: (next|complete)\n(?:id: ([\w-]+)\n)?data:(?: (.+))?$/.exec(block);
    if (found === null) throw new Error(`this is no event: ${block}`);
    const [, kind, id, data] = found;
    if (kind === "complete") {
      this.#isComplete = true;
      this.inbox.end([]);
      return;
    }
    const result = JSON.parse(data ?? "") as Result;
    if (result.errors !== undefined) {
      if (id !== undefined) throw new Error("what failed has an id");
      this.inbox.end(codesOf(result.errors));
      return;
    }
    const event = eventOf(result.data);
    if (event.cursor !== id) throw new Error("the id is not the cursor");
    this.inbox.push(event);
  }
}

interface Result {
  readonly data?: object;
  readonly errors?: readonly ToldError[];
}

function split(text: string, by: string): [string, string | null] {
  const at = text.indexOf(by);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + by.length)];
}
