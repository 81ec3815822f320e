import { z } from "zod";
import { Change } from "#packet/change.ts";
import { Epoch } from "#packet/epoch.ts";
import { Name, Text } from "#packet/name.ts";

/** The namespace in which requests are signed (PROTOCOL.sshsig). */
export const REQUEST_NAMESPACE = "pace-change@holdfast";

/** Who asks for which change, why, and from which epoch on it is wanted. */
export const PaceRequest = z.strictObject({
  format: z.literal("holdfast/pace-request/1"),
  /** The same key with the same request gives the first answer. */
  idempotencyKey: z
    .string()
    .regex(/^[\x21-\x7e]{8,128}$/, "must be 8 to 128 printable ASCII characters without spaces"),
  asker: Name,
  reason: Text,
  epoch: Epoch,
  change: Change,
});
export type PaceRequest = z.output<typeof PaceRequest>;

/** The most characters of what is signed; the armored signature has a limit of its own. */
const TEXT_LENGTH_MAX = 32_768;

/** A text and its signature, as they are posted: what counts is the text to the last byte. */
const Signed = z.strictObject({
  text: z.string().max(TEXT_LENGTH_MAX, `must be at most ${TEXT_LENGTH_MAX} characters`),
  signature: z.string(),
});
export type Signed = z.output<typeof Signed>;

/** A signed text, what it says, or every fault by where it is, without a value. */
export type ReadSigned<T> =
  | { readonly signed: Signed; readonly said: T }
  | { readonly faults: readonly string[] };

/** Reads a body of JSON that has a text and its signature, and what the text says. */
export function readSigned<S extends z.ZodType>(
  body: Uint8Array,
  schema: S,
): ReadSigned<z.output<S>> {
  const outer = Signed.safeParse(jsonOf(textOf(body)));
  if (!outer.success) return { faults: toldOf(outer.error, "the body") };
  const said = schema.safeParse(jsonOf(outer.data.text));
  if (!said.success) return { faults: toldOf(said.error, "text") };
  return { signed: outer.data, said: said.data };
}

/** Every fault of a document by where it is; the name of a member that is not known is not repeated. */
function toldOf(error: z.ZodError, whole: string): readonly string[] {
  return error.issues.map(({ path, code, message }) => {
    const told = code === "unrecognized_keys" ? "has a member that is not known" : message;
    return `${[whole, ...path.map(String)].join(".")}: ${told}`;
  });
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function jsonOf(text: string | null): unknown {
  try {
    return text === null ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}
