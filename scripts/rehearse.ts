import { fileURLToPath } from "node:url";
import {
  DirectoryHeld,
  DirectoryUnreachable,
  NoBinaries,
  ServerNotStarted,
  WrongMajorVersion,
} from "#database/embeddedFaults.ts";
import { CannotListen } from "#door/httpDoor.ts";
import { PrincipalsUnchanged } from "#identity/changePrincipals.ts";
import { PrincipalsUnusable } from "#identity/principalsFile.ts";
import { CannotRehearse } from "./rehearsal/cannotRehearse.ts";
import { HELP, type Options, optionsOf } from "./rehearsal/options.ts";
import { perform } from "./rehearsal/performance.ts";
import { paperWidth } from "./rehearsal/style.ts";
import { terminalTeller } from "./rehearsal/terminal.ts";
import { jsonTeller } from "./rehearsal/told.ts";

const LACKS = [
  CannotListen,
  CannotRehearse,
  DirectoryHeld,
  DirectoryUnreachable,
  NoBinaries,
  PrincipalsUnchanged,
  PrincipalsUnusable,
  ServerNotStarted,
  WrongMajorVersion,
];

process.exitCode = await rehearse(process.argv.slice(2));

/** Plays the rehearsal, and resolves to the exit code. */
async function rehearse(args: readonly string[]): Promise<number> {
  const options = optionsOrFault(args);
  if (options instanceof Error) {
    process.stderr.write(`${options.message}\nnpm run rehearse -- --help says what there is.\n`);
    return 2;
  }
  if (options.isHelp) {
    process.stdout.write(HELP);
    return 0;
  }
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  // Whoever stops reading wants no more of it, and everything is closed just the same.
  process.stdout.on("error", interrupt);
  try {
    return (await performed(options, interruption.signal)) ? 0 : 1;
  } catch (fault) {
    if (interruption.signal.aborted) return 130;
    process.stderr.write(`the rehearsal broke off: ${told(fault)}\n`);
    return 1;
  }
}

function optionsOrFault(args: readonly string[]): Options | Error {
  try {
    return optionsOf(args);
  } catch (fault) {
    if (fault instanceof TypeError) return fault;
    throw fault;
  }
}

function performed({ isJson, directory, server }: Options, signal: AbortSignal): Promise<boolean> {
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  const isTerminal = process.stdout.isTTY;
  const isColoured = isTerminal && process.env["NO_COLOR"] === undefined;
  const paper = { width: paperWidth(isTerminal ? process.stdout.columns : undefined), isColoured };
  const tell = isJson ? jsonTeller(write) : terminalTeller(write, paper);
  const project = fileURLToPath(new URL("..", import.meta.url));
  return perform({ project, environment: process.env, directory, server }, tell, signal);
}

/** What the machine lacks is told in a sentence; anything else is a crash, told whole. */
function told(fault: unknown): string {
  const isLack = LACKS.some((lack) => fault instanceof lack);
  if (isLack && fault instanceof Error) return fault.message;
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}
