import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import { sha256Hex } from "#proof/digest.ts";
import { NODE_OPTIONS } from "./started.ts";
import { EPOCH_MS, type Postgres } from "./store.ts";

/** The product as it is delivered: built, and started from `dist`. */

const root = path.resolve(import.meta.dirname, "..", "..");
const BUILT = path.join(root, "dist", "server", "main.js");

/** Builds it. Throws with what the compiler said. */
export async function build(): Promise<void> {
  const building = spawn("npm", ["run", "--silent", "build"], { cwd: root, stdio: "pipe" });
  const said: string[] = [];
  building.stdout.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const [code] = (await once(building, "close")) as [number | null];
  if (code !== 0) throw new Error(`the build failed:\n${said.join("")}`);
}

/** A server of the built product that answers requests. */
export interface BuiltServer {
  readonly url: string;
  /** Resolves when it is gone. */
  stop(): Promise<void>;
}

const PRINCIPALS = {
  rex: { kind: "PERSON", roles: ["RELEASE_SECURITY"] },
  probe: { kind: "SYSTEM", roles: ["REPORTER"] },
  rita: { kind: "PERSON", roles: ["READER"] },
} as const;

/** The bearer token of one of the people of {@link writePrincipals}. */
export function tokenOf(name: keyof typeof PRINCIPALS): string {
  return `hf_bench-${name}`;
}

/** Writes the principals file of a server. */
export async function writePrincipals(file: string): Promise<void> {
  const names = Object.keys(PRINCIPALS) as (keyof typeof PRINCIPALS)[];
  const principals = names.map((name) => ({
    name,
    ...PRINCIPALS[name],
    tokenSha256: sha256Hex(tokenOf(name)),
  }));
  await writeFile(file, JSON.stringify({ principals }));
}

/** Starts a server on a Postgres, as `npm start` does; resolves when it says that it serves. */
export async function startBuilt({ url }: Postgres, principals: string): Promise<BuiltServer> {
  const environment = {
    PATH: process.env["PATH"],
    DATABASE_URL: url,
    HOLDFAST_EPOCH_MS: String(EPOCH_MS),
    HOLDFAST_DATA: path.dirname(principals),
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: principals,
    // What is measured is the server, and not how often somebody may ask it.
    HOLDFAST_DECISIONS_PER_MINUTE: "100000000",
    HOLDFAST_REQUESTS_PER_MINUTE: "100000000",
    NODE_ENV: "production",
  };
  const child = spawn(process.execPath, [...NODE_OPTIONS, BUILT], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  return {
    url: await urlTold(child),
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** The line of the welcome that names the API. */
const SERVES_AT = /^ {2}API +(http:\S+)\/graphql$/;

async function urlTold(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("a server's output is read");
  for await (const line of createInterface(child.stdout)) {
    const [, url] = SERVES_AT.exec(line) ?? [];
    if (url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error("the server ended before it served");
}

const IMPORT = /^\s*(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"|^\s*import\s+"([^"]+)"/gm;

/** The packages that the built server imports at its start, in the order of its imports. */
export async function dependenciesAtStart(): Promise<string[]> {
  const code = await readFile(BUILT, "utf8");
  const sources = [...code.matchAll(IMPORT)].map(([, from, bare]) => from ?? bare ?? "");
  return [...new Set(sources)];
}
