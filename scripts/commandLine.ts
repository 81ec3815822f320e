import process from "node:process";
import { type ParseArgsConfig, parseArgs } from "node:util";

/** What was asked for could not be done; the message says why, and what to do. */
export class NotDone extends Error {
  override readonly name = "NotDone";
}

type Fault = abstract new (...given: never[]) => Error;

/**
 * Does what the words after `npm run NAME --` say, prints what comes of it, and resolves to the exit
 * code: 0 if it was done, 1 for one of these faults, whose message says all there is to do, and 2
 * for a wrong command line, which is a TypeError. Anything else is thrown.
 */
export async function runCommand(
  name: string,
  done: (args: readonly string[]) => Promise<string>,
  faults: readonly Fault[] = [NotDone],
): Promise<number> {
  try {
    process.stdout.write(await done(process.argv.slice(2)));
    return 0;
  } catch (fault) {
    const isOfTheLine = fault instanceof TypeError;
    if (!isOfTheLine && !faults.some((kind) => fault instanceof kind)) throw fault;
    process.stderr.write(`${(fault as Error).message}\n`);
    if (isOfTheLine) process.stderr.write(`npm run ${name} -- --help says what there is.\n`);
    return isOfTheLine ? 2 : 1;
  }
}

/** The option that every command has. */
export const HELP_OPTION = { type: "boolean", short: "h", default: false } as const;

/** Options of a command line as `parseArgs` takes them. */
type Options = NonNullable<ParseArgsConfig["options"]> & { readonly help: typeof HELP_OPTION };

interface Line<O extends Options> {
  readonly args: string[];
  readonly options: O;
  readonly allowPositionals: true;
}

/** What options say, each undefined where it was not said and has no default. */
export type WordsOf<O extends Options> = ReturnType<typeof parseArgs<Line<O>>>["values"];

/** {@link runCommand} for one whose words are a verb with what it is about, and options; `--help` prints `help`. */
export function runVerb<O extends Options>(
  name: string,
  { help, options }: { readonly help: string; readonly options: O },
  done: (said: readonly string[], words: WordsOf<O>) => Promise<string>,
  faults?: readonly Fault[],
): Promise<number> {
  const run = async (args: readonly string[]): Promise<string> => {
    const line: Line<O> = { args: [...args], options, allowPositionals: true };
    const { values, positionals } = parseArgs(line);
    const isAsked = Object.entries(values).some(
      ([option, value]) => option === "help" && value === true,
    );
    return isAsked ? help : done(positionals, values);
  };
  return runCommand(name, run, faults);
}
