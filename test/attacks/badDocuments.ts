/** A document that asks too much, or what is not there, by the row of the checklist that it is. */
interface BadDocument {
  readonly row: string;
  readonly what: string;
  readonly query: string;
}

const nested = (depth: number): string => `${"{ a ".repeat(depth)}${"}".repeat(depth)}`;
const inPackets = (inner: string): string =>
  `{ packets(first: 500) { edges { node { ${inner} } } } }`;
const aliased = (count: number, field = "__typename"): string =>
  Array.from({ length: count }, (_none, at) => `a${at}: ${field}`).join(" ");
const asFragments = (texts: readonly string[]): string =>
  texts.map((text, at) => `fragment F${at} on Query { ${text} }`).join(" ");

const HALVES = Array.from({ length: 20 }, (_none, at) =>
  at === 19 ? "viewer { name }" : `...F${at + 1} ...F${at + 1}`,
);
const SPREAD = Array.from({ length: 50 }, () => "viewer { name }");

const approval = `packetApprove(input: { idempotencyKey: "key-of-many", revision: 1,
  packet: "01a1ff9f-f613-75f0-a6ff-9051e6983bf8", digest: "${"ab".repeat(32)}" }) { __typename }`;

const circle = (levels: number): string =>
  levels === 0 ? "name" : `fields { type { ${circle(levels - 1)} } }`;

const TABLE: readonly (readonly [row: string, what: string, query: string])[] = [
  ["D01", "101 aliases of one field", `{ ${aliased(101)} }`],
  [
    "D01",
    "101 aliases in as many fragments",
    `{ ${aliased(101).replaceAll(/a\d+: \w+/g, "... on Query { $& }")} }`,
  ],
  ["D01", "101 aliases of a field that costs", `{ ${aliased(101, "viewer { name }")} }`],
  ["D01", "2,000 aliases", `{ ${aliased(2000)} }`],
  ["D02", "sixteen approvals", `mutation { ${aliased(16, approval)} }`],
  [
    "D02",
    "sixteen approvals in a fragment",
    `mutation { ...A } fragment A on Mutation { ${aliased(16, approval)} }`,
  ],
  ["D03", "one field 500 times", `{ ${"__typename ".repeat(500)} }`],
  ["D03", "one field with a field 1,500 times", `{ ${"viewer { name } ".repeat(1500)} }`],
  ["D04", "10,000 of an unknown field", `{ ${"b ".repeat(10_000)} }`],
  ["D04", "3,900 of an unknown field", `{ ${"b ".repeat(3_900)} }`],
  [
    "D04",
    "70,000 characters of comments, which are no tokens",
    `{ __typename } ${"#\n".repeat(35_000)}`,
  ],
  [
    "D04",
    "100 inline fragments of 30 fields",
    `{ ${`... on Query { ${"viewer { name } ".repeat(30)} } `.repeat(100)} }`,
  ],
  [
    "D04",
    "90 inline fragments of 9 fields",
    `{ ${`... on Query { ${"viewer { name } ".repeat(9)} } `.repeat(90)} }`,
  ],
  ["D05", "ten unknown directives", `{ viewer { name ${"@aa ".repeat(10)} } }`],
  ["D05", "ten unknown directives without spaces", `{ __typename ${"@aa".repeat(10)} }`],
  [
    "D06",
    "5,000 directives that skip nothing",
    `{ viewer { name ${"@skip(if: false) ".repeat(5_000)} } }`,
  ],
  [
    "D06",
    "500 directives that skip nothing",
    `{ viewer { name ${"@skip(if: false) ".repeat(500)} } }`,
  ],
  [
    "D06",
    "51 fields that are each included",
    `{ ${"... @include(if: true) { __typename } ".repeat(51)} }`,
  ],
  ["D07", "5,000 levels", nested(5_000)],
  ["D07", "20,000 levels", nested(20_000)],
  ["D07", "1,200 levels", nested(1_200)],
  [
    "D07",
    "40 levels of inline fragments",
    `{ ${"... { ".repeat(110)} __typename ${"}".repeat(110)} }`,
  ],
  [
    "D08",
    "fragments in a circle",
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
  ],
  ["D08", "a fragment in itself", "{ ...A } fragment A on Query { ...A }"],
  ["D09", "fragments that double twenty times", `{ ...F0 } ${asFragments(HALVES)}`],
  [
    "D09",
    "fragments that each hold all",
    `{ ...F0 } ${asFragments(SPREAD.map((text, at) => `${text} ${Array.from({ length: at }, (_none, other) => `...F${other}`).join(" ")}`).toReversed())}`,
  ],
  ["D10", "a schema in circles", `{ __schema { types { ${circle(8)} } } }`],
  [
    "D11",
    "a list of 3,000 levels",
    `{ packet(packet: ${"[".repeat(3_000)}${"]".repeat(3_000)}) { status } }`,
  ],
  [
    "D11",
    "a list of 20,000 levels",
    `{ packet(packet: ${"[".repeat(20_000)}${"]".repeat(20_000)}) { status } }`,
  ],
  [
    "D11",
    "a text in 900 lists",
    `{ packet(packet: [${"[".repeat(900)}"x"${"]".repeat(900)}]) { status } }`,
  ],
  ["D11", "a name of 100,000 letters", `{ ${"a".repeat(100_000)} }`],
  [
    "D11",
    "a text of a megabyte where none may be",
    `{ viewer(x: "${"x".repeat(1_000_000)}") { name } }`,
  ],
  [
    "D12",
    "a member called like what every object has",
    `{ source(of: { train: "t", exercise: false, kind: MANIFEST, __proto__: { isAdmin: true } }) { kind } }`,
  ],
  [
    "D13",
    "a number for a flag",
    `{ source(of: { train: "t", exercise: 1, kind: MANIFEST }) { kind } }`,
  ],
  [
    "D13",
    "a text for a choice",
    `{ source(of: { train: "t", exercise: false, kind: "MANIFEST" }) { kind } }`,
  ],
  ["D13", "a fraction for an id", "{ packet(packet: 1.5) { status } }"],
  ["D13", "a number above the greatest", "{ packets(first: 2147483648) { totalCount } }"],
  [
    "D14",
    "a page of a billion",
    "{ packets(first: 1000000000) { totalCount edges { node { status } } } }",
  ],
  ["D14", "500 times 500", inPackets("holds(first: 500) { edges { node { code } } }")],
  [
    "D14",
    "everything of everything",
    inPackets("lineage { edges { node { entries { edges { node { note } } } } } }"),
  ],
  ["D15", "what comes later", "{ viewer { ... @defer { name } } }"],
  ["D15", "what comes bit by bit", "{ viewer { roles @stream } }"],
  ["D17", "two operations and no name", "query A { viewer { name } } query B { viewer { name } }"],
  ["D17", "two operations of one name", "query A { viewer { name } } query A { viewer { name } }"],
  ["H19", "misspelled fields", "{ veiwer { nam } }"],
  ["H21", "what is no operation", "qwerty cop { abc }"],
];

export const BAD_DOCUMENTS: readonly BadDocument[] = TABLE.map(([row, what, query]) => ({
  row,
  what,
  query,
}));
