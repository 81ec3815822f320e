import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { v7 } from "uuid";
import { RoleAbsent, RoleUnfit } from "#database/roleFaults.ts";
import { ServerTooOld } from "#database/serverVersion.ts";
import {
  DirectoryHeld,
  DirectoryUnreachable,
  NoBinaries,
  ServerNotStarted,
  WrongMajorVersion,
} from "#database/embeddedFaults.ts";
import { MigrationChanged, MigrationOutOfOrder } from "#database/migrate.ts";
import { API_PATH, CannotListen } from "#door/httpDoor.ts";
import { openApi } from "#graphql/api.ts";
import { PrincipalsUnchanged } from "#identity/changePrincipals.ts";
import { FileUnusable } from "#identity/fileKind.ts";
import { NoteKeyUnusable } from "#notary/noteKeyFile.ts";
import type { Log } from "#packet/log.ts";
import { type Config, ConfigFaulty, readConfig } from "./config.ts";
import { type RunningServer, startServer } from "./server.ts";
import { DatabaseUnreachable } from "./store.ts";

/** Faults whose message says all there is to do; of any other the whole is told. */
const TOLD_IN_A_SENTENCE = [
  CannotListen,
  ConfigFaulty,
  DatabaseUnreachable,
  DirectoryHeld,
  DirectoryUnreachable,
  FileUnusable,
  MigrationChanged,
  MigrationOutOfOrder,
  NoBinaries,
  NoteKeyUnusable,
  PrincipalsUnchanged,
  RoleAbsent,
  RoleUnfit,
  ServerNotStarted,
  ServerTooOld,
  WrongMajorVersion,
];

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_CODES;

/** npm passes on a Ctrl-C that the terminal has sent to us already: within this time they are one. */
const SAME_SIGNAL_MS = 500;

/** The one that an address does not name. */
const HTTP_PORT = 80;

/** How long the process may outlive its last close before it is ended by force. */
const LINGER_MS = 2_000;

process.exitCode = await main();
// Fires only where something that nobody closed would keep the process alive.
setTimeout(() => process.exit(), LINGER_MS).unref();

/** Serves until a signal or the loss of the database, and resolves to the exit code. */
async function main(): Promise<number> {
  const asked = signalled();
  try {
    const config = readConfig(process.env);
    return await serve(config, logOf(config), asked);
  } catch (fault) {
    process.stderr.write(`Holdfast did not start:\n${toldOf(fault)}\n`);
    return 1;
  }
}

async function serve(config: Config, log: Log, asked: Promise<Signal>): Promise<number> {
  const isProduction = config.mode === "production";
  const tell = (line: string): void => {
    if (isProduction) log.info({}, line);
    else process.stdout.write(`${line}\n`);
  };
  const start = async (at: Config): Promise<RunningServer> => {
    const server = await startServer(at, {
      log,
      tell,
      newId: () => v7(),
      newSalt: () => randomBytes(32),
      now: () => performance.now(),
      wallNow: () => Date.now(),
      openApi,
    });
    if (isProduction) log.info({ url: server.url, database: server.database }, "serving");
    else tell(welcome(at, server));
    await server.first?.told().catch(async (fault: unknown) => {
      await server.close();
      throw new Error("the token that was shown may not count: start again for another", {
        cause: fault,
      });
    });
    return server;
  };
  let server = await start(config);
  let ended = await Promise.race([asked, server.lost, server.back]);
  while (ended === "BACK") {
    tell("the database is back: starting anew");
    // Where clients know this node to be, also if the port was any that was free.
    const port = Number(new URL(server.url).port || HTTP_PORT);
    await server.close();
    server = await start({ ...config, port });
    ended = await Promise.race([asked, server.lost, server.back]);
  }
  if (ended instanceof Error) log.error({ err: ended }, "the embedded database was lost");
  tell(ended instanceof Error ? `the embedded database was lost: ${ended.message}` : "draining");
  try {
    await server.close();
  } catch {
    return 1;
  }
  tell("closed");
  return ended instanceof Error ? 1 : 0;
}

/** Resolves at the first signal; a second one ends the process as it is. */
function signalled(): Promise<Signal> {
  return new Promise((resolve) => {
    let first: { readonly signal: Signal; readonly at: number } | null = null;
    const hear = (signal: Signal): void => {
      const at = performance.now();
      if (first === null) {
        first = { signal, at };
        resolve(signal);
      } else if (signal !== first.signal || at - first.at > SAME_SIGNAL_MS) {
        process.exit(EXIT_CODES[signal]);
      }
    };
    process.on("SIGINT", () => hear("SIGINT"));
    process.on("SIGTERM", () => hear("SIGTERM"));
    // Whoever stops reading what is said does not stop the server.
    process.stdout.on("error", () => undefined);
    process.stderr.on("error", () => undefined);
  });
}

/** JSON lines on standard output; beside the plain text of development, on standard error. */
function logOf(config: Config): Log {
  const isProduction = config.mode === "production";
  return pino(
    {
      level: config.logLevel,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: faultFields },
    },
    pino.destination({ fd: isProduction ? 1 : 2, sync: true }),
  );
}

interface FaultFields {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: FaultFields;
}

/** A fault without the members that a driver adds, where values of a statement may stand. */
function faultFields(fault: unknown): FaultFields {
  if (!(fault instanceof Error)) return { name: typeof fault, message: "no Error was thrown" };
  const { code } = fault as NodeJS.ErrnoException;
  return {
    name: fault.name,
    message: fault.message,
    ...(code === undefined ? {} : { code }),
    ...(fault.stack === undefined ? {} : { stack: fault.stack }),
    ...(fault.cause === undefined ? {} : { cause: faultFields(fault.cause) }),
  };
}

function welcome(config: Config, server: RunningServer): string {
  const lines = [
    "",
    "Holdfast serves, in development mode.",
    "",
    `  API         ${server.url}${API_PATH}`,
    `  probes      ${server.url}/live and ${server.url}/ready`,
    `  database    ${server.database}${config.databaseUrl === null ? ", for development and rehearsal only" : ""}`,
    `  data        ${config.data}`,
    `  principals  ${config.principals}`,
  ];
  if (server.first === null) return lines.join("\n");
  return [
    ...lines,
    "",
    `First start: the principals file was made with one person, ${server.first.name}.`,
    "This is their bearer token; it is shown this once and kept nowhere. In another terminal:",
    "",
    `  TOKEN=${server.first.token}`,
    `  curl -s ${server.url}${API_PATH} -H "authorization: Bearer $TOKEN" \\`,
    `    -H "content-type: application/json" -d '{"query":"{ __typename }"}'`,
    "",
  ].join("\n");
}

function toldOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const isToldShort = TOLD_IN_A_SENTENCE.some((known) => fault instanceof known);
  return isToldShort ? fault.message : (fault.stack ?? fault.message);
}
