import { BoundKind } from "#packet/source.ts";
import { DateTime, Epoch, Epochs, EpochsOrNone, ReportNumber } from "#packet/epoch.ts";
import { Digest, Id, RevisionDigest } from "#packet/name.ts";
import type { z } from "zod";

/** What a member of the domain's schemas is, as far as GraphQL can say it too. */
export type Shape =
  | { readonly is: "OBJECT"; readonly members: Readonly<Record<string, Member>> }
  | { readonly is: "UNION"; readonly by: string; readonly members: ReadonlyMap<string, Shape> }
  | { readonly is: "LIST"; readonly of: Shape }
  | { readonly is: "ENUM"; readonly values: readonly string[] }
  | { readonly is: "LITERAL"; readonly value: string }
  /** The scalars that may stand for it. */
  | { readonly is: "SCALAR"; readonly scalars: readonly string[] };

export interface Member {
  readonly shape: Shape;
  readonly isOptional: boolean;
  readonly isNullable: boolean;
}

type Def = z.core.$ZodTypes["_zod"]["def"];

/** The domain's own words that have a scalar of their own. */
const SCALARS = new Map<z.ZodType, string>([
  [Epoch, "Epoch"],
  [Epochs, "Epochs"],
  [EpochsOrNone, "Epochs"],
  [ReportNumber, "ReportNumber"],
  [DateTime, "DateTime"],
  [Digest, "Digest"],
  [RevisionDigest, "RevisionDigest"],
  [Id, "UUID"],
]);

/** Numbers that the server counts itself: they have no limit, and never reach 31 bits. */
const COUNTED: ReadonlySet<string> = new Set(["version", "generation", ...BoundKind.options]);
const INT_MAX = 2 ** 31 - 1;

/** What a schema of the domain accepts; `name` is that of the member that it is. */
export function shapeOf(schema: z.ZodType, name = ""): Shape {
  const scalar = SCALARS.get(schema);
  if (scalar !== undefined) return { is: "SCALAR", scalars: [scalar] };
  const def = schema.def as Def;
  switch (def.type) {
    case "object":
      return { is: "OBJECT", members: membersOf(def.shape) };
    case "union":
      return unionOf(def as z.core.$ZodDiscriminatedUnionDef);
    case "array":
      return { is: "LIST", of: shapeOf(def.element as z.ZodType, name) };
    case "enum":
      return { is: "ENUM", values: Object.values(def.entries).map(String) };
    case "literal":
      return { is: "LITERAL", value: String(def.values[0]) };
    case "pipe":
      return shapeOf(def.in as z.ZodType, name);
    case "boolean":
      return { is: "SCALAR", scalars: ["Boolean"] };
    case "number": {
      const limited = ((schema as z.ZodNumber).maxValue ?? Infinity) <= INT_MAX;
      return { is: "SCALAR", scalars: [limited || COUNTED.has(name) ? "Int" : "SafeInt"] };
    }
    case "string":
      // A text with a pattern of its own may be a digest of one algorithm.
      return { is: "SCALAR", scalars: ["String", ...(name === "digest" ? ["Digest"] : [])] };
    default:
      throw new TypeError(`${name}: GraphQL has no word for ${def.type}`);
  }
}

function membersOf(shape: z.core.$ZodShape): Record<string, Member> {
  const members = Object.entries(shape).map(([name, schema]) => [
    name,
    memberOf(schema as z.ZodType, name),
  ]);
  return Object.fromEntries(members) as Record<string, Member>;
}

function memberOf(schema: z.ZodType, name: string): Member {
  const def = schema.def as Def;
  if (def.type === "optional") {
    return { ...memberOf(def.innerType as z.ZodType, name), isOptional: true };
  }
  if (def.type === "nullable") {
    return { ...memberOf(def.innerType as z.ZodType, name), isNullable: true };
  }
  return { shape: shapeOf(schema, name), isOptional: false, isNullable: false };
}

function unionOf({ discriminator, options }: z.core.$ZodDiscriminatedUnionDef): Shape {
  const members = options.map((option) => {
    const shape = shapeOf(option as z.ZodType);
    const told = shape.is === "OBJECT" ? shape.members[discriminator]?.shape : undefined;
    if (told?.is !== "LITERAL") throw new TypeError(`a member of a union has no ${discriminator}`);
    return [told.value, shape] as const;
  });
  return { is: "UNION", by: discriminator, members: new Map(members) };
}
