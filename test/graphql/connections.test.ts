import { GraphQLError } from "graphql";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Cursors } from "#feed/cursor.ts";
import { type Page, connectionOptions, sliceOf } from "#graphql/connections.ts";
import { PAGE_DEFAULT, PAGE_MAX } from "#graphql/limits.ts";

const cursors = new Cursors(new Uint8Array(32).fill(7));
const scope = "manifest sha256:00";

type Args = Parameters<typeof sliceOf>[0]["args"];

/** A page of numbers, each of which is its own position. */
function pageOf(items: readonly number[], args: Args): Page<number> {
  return sliceOf({ items, args, position: (item) => BigInt(item), cursors, scope });
}

const at = (item: number): string => cursors.write(scope, BigInt(item));
const nodes = (page: Page<number>): number[] => page.edges.map(({ node }) => node);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function codeOf(args: Args): unknown {
  try {
    pageOf(upTo(3), args);
    return null;
  } catch (error) {
    return error instanceof GraphQLError ? error.extensions["code"] : error;
  }
}

/** Arguments of a page, the elements of it, and whether there are others before and after it. */
type Case = readonly [string, Args, readonly number[], boolean, boolean];

/** The cases of graphql-relay-js, by their names there; then our own. */
const BASIC: readonly Case[] = [
  ["returns all elements without filters", {}, [0, 1, 2, 3, 4], false, false],
  ["respects a smaller first", { first: 2 }, [0, 1], false, true],
  ["respects an overly large first", { first: 10 }, [0, 1, 2, 3, 4], false, false],
  ["respects a smaller last", { last: 2 }, [3, 4], true, false],
  ["respects an overly large last", { last: 10 }, [0, 1, 2, 3, 4], false, false],
];
const PAGES: readonly Case[] = [
  ["respects first and after", { first: 2, after: at(1) }, [2, 3], true, true],
  ["respects first and after with long first", { first: 10, after: at(1) }, [2, 3, 4], true, false],
  ["respects last and before", { last: 2, before: at(3) }, [1, 2], true, true],
  ["respects last and before with long last", { last: 10, before: at(3) }, [0, 1, 2], false, true],
  ["respects first and before", { first: 2, before: at(1) }, [0], false, true],
  ["respects last and after", { last: 2, after: at(3) }, [4], true, false],
];
const between = { after: at(0), before: at(4) };
const BETWEEN: readonly Case[] = [
  ["first, after and before: too few", { first: 2, ...between }, [1, 2], true, true],
  ["first, after and before: too many", { first: 4, ...between }, [1, 2, 3], true, true],
  ["first, after and before: exactly right", { first: 3, ...between }, [1, 2, 3], true, true],
  ["last, after and before: too few", { last: 2, ...between }, [2, 3], true, true],
  ["last, after and before: too many", { last: 4, ...between }, [1, 2, 3], true, true],
  ["last, after and before: exactly right", { last: 3, ...between }, [1, 2, 3], true, true],
  ["after and before alone", between, [1, 2, 3], true, true],
];
const EDGES: readonly Case[] = [
  ["a cursor beyond the end leaves nothing out", { before: at(6) }, [0, 1, 2, 3, 4], false, false],
  ["crossed cursors give nothing", { after: at(3), before: at(2) }, [], true, true],
  ["the same cursor twice gives nothing", { after: at(2), before: at(2) }, [], true, true],
  ["after the last gives nothing", { after: at(4) }, [], true, false],
  ["before the first gives nothing", { before: at(0) }, [], false, true],
  ["first of none gives nothing", { first: 0 }, [], false, true],
  ["last of none gives nothing", { last: 0 }, [], true, false],
  [
    "null is as if it were left out",
    { first: null, last: null, after: null, before: null },
    [0, 1, 2, 3, 4],
    false,
    false,
  ],
];

describe("a page of a list in memory", () => {
  describe.each([
    ["basic slicing", BASIC],
    ["pagination", PAGES],
    ["pagination between two cursors", BETWEEN],
    ["cursors at the edges", EDGES],
  ])("%s", (_group, cases) => {
    test.each(cases)("%s: %j gives %j", (_name, args, expected, hasPreviousPage, hasNextPage) => {
      const page = pageOf(upTo(5), args);
      expect(nodes(page)).toEqual(expected);
      expect(page.pageInfo).toEqual({
        hasPreviousPage,
        hasNextPage,
        startCursor: page.edges[0]?.cursor ?? null,
        endCursor: page.edges.at(-1)?.cursor ?? null,
      });
      expect(page.totalCount).toBe(5);
    });
  });

  test("hasNextPage and hasPreviousPage say whether there is more, whichever way it is read", () => {
    const wrong = PAGE_CUTS.flatMap((args) => {
      const page = pageOf(upTo(5), args);
      const [first, last] = [nodes(page)[0], nodes(page).at(-1)];
      if (first === undefined || last === undefined) return [];
      const { hasPreviousPage, hasNextPage } = page.pageInfo;
      return hasPreviousPage === first > 0 && hasNextPage === last < 4 ? [] : [args];
    });
    expect(wrong).toEqual([]);
    expect(PAGE_CUTS.length).toBeGreaterThan(200);
  });

  test("has so many elements when nobody says, and no more than the most", () => {
    expect(nodes(pageOf(upTo(1000), {}))).toEqual(upTo(PAGE_DEFAULT));
    expect(nodes(pageOf(upTo(1000), { first: PAGE_MAX }))).toEqual(upTo(PAGE_MAX));
  });

  test("holds its place while elements come and go around it", () => {
    const { endCursor } = pageOf([1, 3, 5, 7], { first: 2 }).pageInfo;
    expect(nodes(pageOf([1, 2, 4, 5, 7], { after: endCursor }))).toEqual([4, 5, 7]);
  });

  test("pages add up to the list, forwards and backwards", () => {
    const lists = fc.uniqueArray(fc.nat(500), { maxLength: 40 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 9 }), (unsorted, size) => {
        const items = unsorted.toSorted((left, right) => left - right);
        expect(walked(items, size, true)).toEqual(items);
        expect(walked(items, size, false)).toEqual(items);
      }),
    );
  });
});

const BOUNDS = [null, 0, 1, 2, 3, 4];
/** Every page of up to five elements, by either end and any two cursors. */
const PAGE_CUTS: readonly Args[] = BOUNDS.flatMap((after) =>
  BOUNDS.flatMap((before) =>
    [1, 2, 3, 4, 5].flatMap((size) => {
      const cut = {
        after: after === null ? null : at(after),
        before: before === null ? null : at(before),
      };
      return [
        { first: size, ...cut },
        { last: size, ...cut },
      ];
    }),
  ),
);

/** The list as somebody sees it who walks through its pages. */
function walked(items: readonly number[], size: number, forwards: boolean): number[] {
  const seen: number[] = [];
  let cursor: string | null = null;
  for (let more = true; more;) {
    const page: Page<number> = pageOf(
      items,
      forwards ? { first: size, after: cursor } : { last: size, before: cursor },
    );
    if (forwards) seen.push(...nodes(page));
    else seen.unshift(...nodes(page));
    more = forwards ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage;
    cursor = forwards ? page.pageInfo.endCursor : page.pageInfo.startCursor;
  }
  return seen;
}

describe("what cannot be given is refused with its code", () => {
  test.each([
    ["a first below 0", "INVALID_PAGE", { first: -1 }],
    ["a last below 0", "INVALID_PAGE", { last: -1 }],
    ["too great a first", "INVALID_PAGE", { first: PAGE_MAX + 1 }],
    ["too great a last", "INVALID_PAGE", { last: PAGE_MAX + 1 }],
    ["first and last together", "INVALID_PAGE", { first: 1, last: 1 }],
    ["an empty cursor", "CURSOR_FORGED", { after: "" }],
    ["a cursor that is no base64", "CURSOR_FORGED", { after: "not base64!" }],
    ["a cursor of graphql-relay-js", "CURSOR_FORGED", { after: "YXJyYXljb25uZWN0aW9uOjE=" }],
    ["a cursor with padding", "CURSOR_FORGED", { before: `${at(1)}=` }],
    ["a cursor cut short", "CURSOR_FORGED", { before: at(1).slice(0, -1) }],
    [
      "a cursor under another key",
      "CURSOR_FORGED",
      { after: new Cursors(new Uint8Array(32)).write(scope, 1n) },
    ],
    [
      "a cursor of another list",
      "CURSOR_FOREIGN",
      { after: cursors.write("manifest sha256:11", 1n) },
    ],
  ])("%s: %s", (_name, code, args) => {
    expect(codeOf(args)).toBe(code);
  });
});

test("a page costs what its elements cost", () => {
  expect(connectionOptions.complexity({ first: 7 }).multiplier).toBe(7);
  expect(connectionOptions.complexity({ last: 9 }).multiplier).toBe(9);
  expect(connectionOptions.complexity({}).multiplier).toBe(PAGE_DEFAULT);
});
