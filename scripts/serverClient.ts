import { readFile } from "node:fs/promises";
import process from "node:process";
import { NotDone } from "./commandLine.ts";

/** What a command that speaks to a server is started with. */
export interface Reaching {
  /** The server's address. */
  readonly url?: string | undefined;
}

/** A file's bytes; throws {@link NotDone} for one that cannot be read. */
export async function contentOf(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new NotDone(`${file} cannot be read`, { cause });
  });
}

/**
 * Asks a server in the name of whoever HOLDFAST_AUTHORIZATION says. Throws {@link NotDone} for
 * everything but an answer without errors, and a TypeError where it is not said whom to ask.
 */
export async function askServer(
  { url = "" }: Reaching,
  query: string,
  variables: object,
): Promise<unknown> {
  const authorization = process.env["HOLDFAST_AUTHORIZATION"];
  if (!URL.canParse("/graphql", url)) throw new TypeError("--url must be a server's address");
  if (!authorization)
    throw new TypeError("HOLDFAST_AUTHORIZATION must have the header to come with");
  const headers = { authorization, "content-type": "application/json" };
  const body = JSON.stringify({ query, variables });
  const request = { method: "POST", headers, body, redirect: "error" } as const;
  let answer: unknown;
  try {
    answer = await (await fetch(new URL("/graphql", url), request)).json();
  } catch (cause) {
    throw new NotDone(`${url} does not answer as a server of ours`, { cause });
  }
  const { data, errors } = answer as { readonly data?: unknown; readonly errors?: unknown };
  if (errors === undefined && data !== undefined) return data;
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : [];
  throw new NotDone(`refused: ${String(memberOf(first, "message"))}`);
}

/** The payload of a verb's answer; throws {@link NotDone} for a refusal, with the places of its faults. */
export function granted(answer: unknown): unknown {
  const { code, message, faults = [] } = (answer ?? {}) as Partial<Refused>;
  if (code === undefined) return answer;
  const told = faults.map((fault) => `\n  ${fault.path.join(".")} ${fault.message}`);
  throw new NotDone(`refused: ${code}: ${message}${told.join("")}`);
}

interface Refused {
  readonly code: string;
  readonly message: string;
  readonly faults: readonly { readonly path: readonly string[]; readonly message: string }[];
}

/** A member that an answer must have; throws {@link NotDone} where it is not there. */
export function memberOf(value: unknown, name: string): unknown {
  if (typeof value === "object" && value !== null && name in value) {
    return (value as Readonly<Record<string, unknown>>)[name];
  }
  throw new NotDone("there is no such packet, or none that you may see");
}

/** A text so that nothing that it is written with can pass for a line of ours, or turn a terminal. */
export function inOneLine(text: string): string {
  const escaped = (character: string): string =>
    `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`;
  return JSON.stringify(text).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}
