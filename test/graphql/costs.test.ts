import { parse } from "graphql";
import { describe, expect, test } from "vitest";
import type { Context } from "#graphql/context.ts";
import { Costs } from "#graphql/request/costs.ts";
import type { Asked } from "#graphql/request/documents.ts";

import { schema } from "./typesUnderTest.ts";

const context = {} as Context;
const PAGE = `packets { edges { node { lineage(first: 50) { edges { node { number } } } } } }`;

/** The codes of what is wrong with one document, each time that it is asked. */
function codesOf(text: string, asked: readonly Omit<Asked, "document">[]) {
  const costs = new Costs(schema);
  const document = parse(text);
  return asked.map((one) =>
    costs.faults({ document, ...one }, context).map(({ extensions }) => extensions["code"]),
  );
}

function withFirst(...sizes: readonly number[]): Omit<Asked, "document">[] {
  return sizes.map((first) => ({ operationName: null, variables: { first } }));
}

describe("the cost of a document", () => {
  const sized = PAGE.replace("packets", "packets(first: $first)");
  const asEachIs = [[], ["QUERY_COMPLEXITY"], []];

  test("follows the size of a page that a variable tells, each time", () => {
    const text = `query ($first: Int) { ${sized} }`;
    expect(codesOf(text, withFirst(1, 500, 1))).toEqual(asEachIs);
  });

  test("follows it through a fragment", () => {
    const text = `query ($first: Int) { ...page } fragment page on Query { ${sized} }`;
    expect(codesOf(text, withFirst(1, 500, 1))).toEqual(asEachIs);
  });

  test("is that of the operation which is meant", () => {
    const of = (first: number): string => PAGE.replace("packets", `packets(first: ${first})`);
    const text = `query cheap { ${of(1)} } query dear { ${of(500)} }`;
    const asked = ["cheap", "dear", "cheap"].map((operationName) => ({
      operationName,
      variables: {},
    }));
    expect(codesOf(text, asked)).toEqual(asEachIs);
  });
});
