import SchemaBuilder from "@pothos/core";
import ComplexityPlugin from "@pothos/plugin-complexity";
import RelayPlugin from "@pothos/plugin-relay";
import type { Context } from "./context.ts";
import { COMPLEXITY, NODE_COST } from "./limits.ts";

/** What the schema knows of its types beside what Pothos infers. */
interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  DefaultInputFieldRequiredness: true;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Connection: { totalCount: number | (() => number | Promise<number>) };
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: string; Output: Date | string };
    Epoch: { Input: string; Output: bigint };
    Epochs: { Input: string; Output: bigint };
    UUID: { Input: string; Output: string };
    Digest: { Input: string; Output: string };
    RevisionDigest: { Input: string; Output: string };
    Cursor: { Input: string; Output: string };
    ReportNumber: { Input: string; Output: bigint };
    LogPosition: { Input: string; Output: bigint };
    Base64: { Input: string; Output: string };
    SafeInt: { Input: number; Output: number };
  };
}

const plain = { extensions: { class: "SHARED" } } as const;

/** The types of everything that has an id. */
export const NODE_TYPES: readonly string[] = ["Hold", "Packet", "Revision"];

/** A packet that nobody has: what is no id finds nothing, like the id of what is not there. */
const NOTHING = { typename: "Packet", id: "" };

/** Ids say what they are of and name nobody (decision 5): a type, a packet, a number. */
const relay = {
  cursorType: "String",
  encodeGlobalID: (typename: string, id: string | number | bigint) => `${typename}:${id}`,
  decodeGlobalID: (globalId: string) => {
    const colon = globalId.indexOf(":");
    const typename = globalId.slice(0, Math.max(colon, 0));
    return NODE_TYPES.includes(typename) ? { typename, id: globalId.slice(colon + 1) } : NOTHING;
  },
  nodeTypeOptions: { description: "Whatever has an id by which it is found again." },
  idFieldOptions: { ...plain, description: "Finds this object again through `node`." },
  nodeQueryOptions: {
    ...plain,
    description: "One object by its id; null when there is none that you may see.",
    args: { id: { description: "The object's id." } },
  },
  nodesQueryOptions: {
    ...plain,
    description: "Objects by their ids, null where there is none that you may see.",
    args: { ids: { description: "Their ids, in the order in which they are to be answered." } },
    complexity: ({ ids }: { readonly ids: readonly unknown[] }) => ({
      field: 1 + NODE_COST * ids.length,
      multiplier: ids.length,
    }),
  },
  pageInfoTypeOptions: { description: "Where a page lies in its list (Relay connections)." },
  hasNextPageFieldOptions: { description: "True when more comes after the last edge." },
  hasPreviousPageFieldOptions: { description: "True when more comes before the first edge." },
  startCursorFieldOptions: { description: "The cursor of the first edge; null for an empty page." },
  endCursorFieldOptions: { description: "The cursor of the last edge; null for an empty page." },
  cursorFieldOptions: { description: "Where this edge lies: give it as `after` or `before`." },
  nodeFieldOptions: { description: "What the edge leads to." },
  edgesFieldOptions: {
    description: "The page, in the order of the list.",
    // The connection's own field has counted the page already.
    complexity: { multiplier: 1 },
  },
  pageInfoFieldOptions: { description: "Where the page lies in the list." },
  nodesOnConnection: {
    ...plain,
    description: "The page without cursors, in the order of the list.",
    complexity: { multiplier: 1 },
  },
  firstArgOptions: { description: "How many to give from the start of what is asked for." },
  lastArgOptions: { description: "How many to give from the end of what is asked for." },
  afterArgOptions: { description: "Only what comes after this cursor." },
  beforeArgOptions: { description: "Only what comes before this cursor." },
  defaultConnectionTypeOptions: { description: "A page of a list (Relay connections)." },
  defaultEdgeTypeOptions: { description: "One element of a page with its cursor." },
} as const;

/** Every type of the schema is declared with this one. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [RelayPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  defaultInputFieldRequiredness: true,
  relay,
  complexity: COMPLEXITY,
});

/** Rule 7.4: every field says of which class it is. */
export const shared = plain;
/** Reads as null to whoever does not see GOVERNED values, so such fields are nullable. */
export const governed = { extensions: { class: "GOVERNED" }, nullable: true } as const;
/** Reads as null to whoever does not see RESTRICTED values, so such fields are nullable. */
export const restricted = { extensions: { class: "RESTRICTED" }, nullable: true } as const;
