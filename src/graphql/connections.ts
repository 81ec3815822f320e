import { GraphQLError } from "graphql";
import type { Cursors } from "#feed/cursor.ts";
import { Refusal } from "#packet/refusal.ts";
import { builder, shared } from "./builder.ts";
import { PAGE_DEFAULT, PAGE_MAX } from "./limits.ts";
import { refusalError } from "./loading.ts";

/** What a caller asks of a list (Relay cursor connections, section 4). */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

/** What is asked for, once it was found to be sound. Both bounds lie outside the page. */
export interface AskedPage {
  readonly size: number;
  /** FIRST counts from the start of what lies between the bounds, LAST from its end. */
  readonly from: "FIRST" | "LAST";
  readonly after: bigint | null;
  readonly before: bigint | null;
}

/** A page of a list, as the schema's connections have it. */
export interface Page<T> {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** How many elements the whole list has; a function is only asked where somebody wants to know. */
  readonly totalCount: number | (() => number | Promise<number>);
}

/** What the page of a list costs: what each of its elements costs. */
function pageCost({ first, last }: PageArgs): { field: number; multiplier: number } {
  return { field: 1, multiplier: first ?? last ?? PAGE_DEFAULT };
}

/** Spread into the options of every `t.connection`, whose `resolve` gives a `Page`. */
export const connectionOptions = { complexity: pageCost };

builder.globalConnectionField("totalCount", (t) =>
  t.int({
    ...shared,
    description: "How many elements the whole list has, whatever page is asked for.",
    resolve: (connection) => totalOf(connection),
  }),
);

function totalOf(connection: object): number | Promise<number> {
  const { totalCount } = connection as Partial<Page<unknown>>;
  if (totalCount === undefined) throw new TypeError("a connection says how many elements it has");
  return typeof totalCount === "number" ? totalCount : totalCount();
}

/** What a page that cannot be given is refused with. */
export function invalidPage(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "INVALID_PAGE" } });
}

function sizeOf(name: "first" | "last", size: number): number {
  if (size < 0) throw invalidPage(`${name} must not be negative`);
  if (size > PAGE_MAX) throw invalidPage(`${name} must be at most ${PAGE_MAX}`);
  return size;
}

/**
 * Reads the arguments of a connection.
 *
 * @throws {GraphQLError} with the code INVALID_PAGE, or that of the refusal of a cursor.
 */
export function askedPage(
  { first, last, after, before }: PageArgs,
  cursors: Cursors,
  scope: string,
): AskedPage {
  const fromEnd = typeof last === "number";
  if (fromEnd && typeof first === "number") {
    throw invalidPage("first and last were both given: give one of them");
  }
  const read = (cursor: string | null | undefined): bigint | null => {
    if (cursor === null || cursor === undefined) return null;
    const position = cursors.read(scope, cursor);
    if (position instanceof Refusal) throw refusalError(position);
    return position;
  };
  return {
    size: fromEnd ? sizeOf("last", last) : sizeOf("first", first ?? PAGE_DEFAULT),
    from: fromEnd ? "LAST" : "FIRST",
    after: read(after),
    before: read(before),
  };
}

/** A list in memory, of which a page is asked for. */
interface Sliced<T> {
  /** In order of position, which rises. */
  readonly items: readonly T[];
  readonly args: PageArgs;
  /** Where an element lies for good: a number that a cursor can hold and no other element has. */
  readonly position: (item: T, index: number) => bigint;
  readonly cursors: Cursors;
  /** Which list the cursors are of; it holds ids and digests and no name. */
  readonly scope: string;
}

/**
 * A page of a list in memory (Relay cursor connections, section 4.4). A cursor counts by its
 * position, so that it holds where elements come and go around it.
 *
 * @throws {GraphQLError} with the code INVALID_PAGE, or that of the refusal of a cursor.
 */
export function sliceOf<T>({ items, args, position, cursors, scope }: Sliced<T>): Page<T> {
  const { size, from, after, before } = askedPage(args, cursors, scope);
  const least = after === null ? 0 : countUntil(items, (...at) => position(...at) > after);
  const most =
    before === null ? items.length : countUntil(items, (...at) => position(...at) >= before);
  const start = from === "FIRST" ? least : Math.max(least, most - size);
  const end = Math.max(start, from === "FIRST" ? Math.min(most, start + size) : most);
  const edges = items.slice(start, end).map((node, index) => ({
    cursor: cursors.write(scope, position(node, start + index)),
    node,
  }));
  return {
    edges,
    pageInfo: {
      hasNextPage: end < items.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: items.length,
  };
}

/** How many elements come before the first of which it is true; it is true of all after that one. */
function countUntil<T>(items: readonly T[], reached: (item: T, index: number) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle] as T;
    if (reached(item, middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
