import type { Cursors } from "#feed/cursor.ts";
import { type AskedPage, type Page, askedPage, invalidPage } from "./connections.ts";

/** A list in the ledger whose elements are numbered from 1 without gaps, of which a page is asked for. */
interface Numbered<T> {
  /** The newest number. */
  readonly head: number;
  readonly args: Parameters<typeof askedPage>[0];
  /** Reads the elements after a number, in order. */
  readonly fetch: (after: number, limit: number) => Promise<readonly T[]>;
  readonly numberOf: (item: T) => number;
  readonly cursors: Cursors;
  readonly scope: string;
}

/**
 * A page of a numbered list (Relay cursor connections, section 4.4). What is appended
 * meanwhile changes nothing of what lies before it.
 *
 * @throws {GraphQLError} with the code INVALID_PAGE, or that of the refusal of a cursor.
 */
export async function numberedPage<T>(list: Numbered<T>): Promise<Page<T>> {
  const { head, fetch, numberOf, cursors, scope } = list;
  const asked = askedPage(list.args, cursors, scope);
  const { first, last } = rangeOf(asked, head);
  const items = last < first ? [] : await fetch(first - 1, last - first + 1);
  const edges = items.map((node) => ({
    cursor: cursors.write(scope, BigInt(numberOf(node))),
    node,
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: last < head,
      hasPreviousPage: first > 1,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: head,
  };
}

function rangeOf({ size, from, after, before }: AskedPage, head: number) {
  const least = after === null ? 1 : Math.min(Number(after), head) + 1;
  const most = before === null ? head : Math.min(Number(before) - 1, head);
  return from === "FIRST"
    ? { first: least, last: Math.max(least - 1, Math.min(most, least + size - 1)) }
    : { first: Math.max(least, most - size + 1), last: most };
}

/** A list in the ledger that is read forwards, of which a page is asked for. */
interface Forward<T> {
  readonly args: Parameters<typeof askedPage>[0];
  /** Reads at most so many elements after a position. */
  readonly fetch: (after: bigint | null, limit: number) => Promise<readonly T[]>;
  readonly positionOf: (item: T) => bigint;
  readonly total: () => Promise<number>;
  readonly cursors: Cursors;
  readonly scope: string;
}

/**
 * A page of a list that is read forwards only.
 *
 * @throws {GraphQLError} with the code INVALID_PAGE, also where `last` or `before` is given.
 */
export async function forwardPage<T>(list: Forward<T>): Promise<Page<T>> {
  const { fetch, positionOf, cursors, scope } = list;
  const asked = askedPage(list.args, cursors, scope);
  if (asked.from === "LAST" || asked.before !== null) {
    throw invalidPage("this list is read forwards: give first and after");
  }
  const found = asked.size === 0 ? [] : await fetch(asked.after, asked.size + 1);
  const edges = found
    .slice(0, asked.size)
    .map((node) => ({ cursor: cursors.write(scope, positionOf(node)), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: found.length > asked.size,
      hasPreviousPage: asked.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: list.total,
  };
}
