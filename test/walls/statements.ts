import type { Tap } from "./tcpProxy.ts";

/** How many statements of each text went to a Postgres, whichever way the driver asks for them. */
export class Statements {
  readonly #counts = new Map<string, number>();
  readonly #watchers = new Set<() => void>();

  /** Reads what one connection sends (PostgreSQL's protocol 3.0, chapter 54). */
  readonly tap = (): Tap => {
    const parsed = new Map<string, string>();
    const bound = new Map<string, string>();
    let unread = Buffer.alloc(0);
    let isStarted = false;
    return (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      for (;;) {
        const head = isStarted ? 1 : 0;
        if (unread.length < head + 4) return;
        const length = head + unread.readUInt32BE(head);
        if (unread.length < length) return;
        const message = unread.subarray(0, length);
        unread = unread.subarray(length);
        if (isStarted) this.#take(message, parsed, bound);
        isStarted = true;
      }
    };
  };

  /** So many of each text, since the count began; a copy. */
  get counts(): ReadonlyMap<string, number> {
    return new Map(this.#counts);
  }

  /** Resolves when so many more that fit have been asked. */
  async more(text: RegExp, count: number): Promise<void> {
    const sum = (): number => sumOf([...this.#counts].filter(([asked]) => text.test(asked)));
    const enough = sum() + count;
    while (sum() < enough) {
      await new Promise<void>((resolve) => {
        const watcher = (): void => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  #take(message: Buffer, parsed: Map<string, string>, bound: Map<string, string>): void {
    const [first = "", second = ""] = message.toString("utf8", 5).split("\0", 2);
    switch (String.fromCodePoint(message[0] ?? 0)) {
      case "P":
        parsed.set(first, second);
        return;
      case "B":
        bound.set(first, parsed.get(second) ?? `statement ${second}`);
        return;
      case "E":
        this.#count(bound.get(first) ?? "");
        return;
      case "Q":
        this.#count(first);
    }
  }

  #count(text: string): void {
    const line = text.trim().replaceAll(/\s+/g, " ");
    this.#counts.set(line, (this.#counts.get(line) ?? 0) + 1);
    for (const watcher of this.#watchers) watcher();
  }
}

/** What the later count has more than the earlier one, the most frequent first. */
export function grown(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly (readonly [text: string, count: number])[] {
  return [...after]
    .map(([text, count]) => [text, count - (before.get(text) ?? 0)] as const)
    .filter(([, count]) => count > 0)
    .toSorted(([, one], [, other]) => other - one);
}

/** How many that are in all. */
export function sumOf(counts: readonly (readonly [text: string, count: number])[]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0);
}
