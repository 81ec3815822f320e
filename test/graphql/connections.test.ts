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

describe("a page of a list in memory", () => {
  test.each([
    [{}, [0, 1, 2, 3, 4], false, false],
    [{ first: 2 }, [0, 1], false, true],
    [{ last: 2 }, [3, 4], true, false],
    [{ first: 2, after: at(1) }, [2, 3], true, true],
    [{ last: 2, before: at(3) }, [1, 2], true, true],
    [{ first: 2, before: at(1) }, [0], false, true],
    [{ last: 2, after: at(3) }, [4], true, false],
    [{ after: at(0), before: at(4) }, [1, 2, 3], true, true],
    [{ after: at(3), before: at(2) }, [], true, true],
    [{ after: at(4) }, [], true, false],
    [{ before: at(0) }, [], false, true],
    [{ first: 0 }, [], false, true],
    [{ last: 0 }, [], true, false],
    [{ first: null, last: null, after: null, before: null }, [0, 1, 2, 3, 4], false, false],
  ])("%j gives %j", (args, expected, hasPreviousPage, hasNextPage) => {
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
    ["INVALID_PAGE", { first: -1 }],
    ["INVALID_PAGE", { last: -1 }],
    ["INVALID_PAGE", { first: PAGE_MAX + 1 }],
    ["INVALID_PAGE", { last: PAGE_MAX + 1 }],
    ["INVALID_PAGE", { first: 1, last: 1 }],
    ["CURSOR_FORGED", { after: "" }],
    ["CURSOR_FORGED", { before: `${at(1)}=` }],
    ["CURSOR_FORGED", { after: new Cursors(new Uint8Array(32)).write(scope, 1n) }],
    ["CURSOR_FOREIGN", { after: cursors.write("manifest sha256:11", 1n) }],
  ])("%s: %j", (code, args) => {
    expect(codeOf(args)).toBe(code);
  });
});

test("a page costs what its elements cost", () => {
  expect(connectionOptions.complexity({ first: 7 }).multiplier).toBe(7);
  expect(connectionOptions.complexity({ last: 9 }).multiplier).toBe(9);
  expect(connectionOptions.complexity({}).multiplier).toBe(PAGE_DEFAULT);
});
