import type { FieldClass } from "#access/classes.ts";

type Guarded = Exclude<FieldClass, "SHARED">;

const MARKS = { GOVERNED: "gsx", RESTRICTED: "rsx" } as const satisfies Record<Guarded, string>;

/** Digests and fingerprints are kept as they are: they are sentinels of their own. */
const DIGEST = /^(?:sha(?:256|512):[0-9a-f]+|[0-9a-f]{40}|SHA256:[A-Za-z0-9+/]{43})$/;
/** Constants, times, ids and 64-bit numbers name nobody. */
const PLAIN = /^(?:[A-Z][A-Z0-9_]*|\d{4}-\d\d-\d\dT.*|\d+|[0-9a-f]{8}-[0-9a-f-]{27})$/;
const MARKED = /^[gr]sx-.*-z9$/;

/**
 * The words of a world: every name, place, reason, note and digest in it, each under a mark that
 * nothing else carries. Base64 has no hyphen, so that no signature or hash reads so by chance.
 */
export class Sentinels {
  readonly #known: Readonly<Record<Guarded, Set<string>>> = {
    GOVERNED: new Set(),
    RESTRICTED: new Set(),
  };

  /** The same value with each name and text in it marked as governed, and kept in mind. */
  veil<T>(value: T): T {
    return this.#marked(value, "GOVERNED") as T;
  }

  /** {@link veil} for what is restricted. */
  restrict<T>(value: T): T {
    return this.#marked(value, "RESTRICTED") as T;
  }

  note(text: string, as: Guarded): void {
    this.#known[as].add(text);
  }

  /** A report's number as JSON brings it. */
  number(value: bigint): string {
    this.note(value.toString(), "GOVERNED");
    return value.toString();
  }

  of(one: Guarded): readonly string[] {
    return [...this.#known[one]];
  }

  /** Those of these classes that a text has, as they are or within base64. */
  within(text: string, classes: readonly FieldClass[]): string[] {
    const searched = [text, ...decoded(text)].join("\n");
    return (["GOVERNED", "RESTRICTED"] as const)
      .filter((one) => classes.includes(one))
      .flatMap((one) => [
        ...this.of(one).filter((word) => searched.includes(word)),
        ...(searched.includes(`${MARKS[one]}-`) ? [`${MARKS[one]}-`] : []),
      ]);
  }

  #marked(value: unknown, as: Guarded): unknown {
    if (typeof value === "string") return this.#word(value, as);
    if (Array.isArray(value)) return value.map((item) => this.#marked(item, as));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, this.#marked(member, as)]),
    );
  }

  #word(word: string, as: Guarded): string {
    // What is marked already is kept in mind as what it was marked.
    if (PLAIN.test(word) || MARKED.test(word)) return word;
    const marked = DIGEST.test(word) ? word : `${MARKS[as]}-${word}-z9`;
    this.note(marked, as);
    return marked;
  }
}

/** What a text may carry within itself: cursors and hashes are base64, of either alphabet. */
function decoded(text: string): string[] {
  return (text.match(/[A-Za-z0-9+/_-]{16,}={0,2}/g) ?? []).map((run) =>
    Buffer.from(run, "base64").toString("latin1"),
  );
}
