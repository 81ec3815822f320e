import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Options {
  readonly isHelp: boolean;
  readonly isJson: boolean;
  /** Where the data goes and stays; a temporary directory, removed at the end, when null. */
  readonly directory: string | null;
}

/** What `--help` prints. */
export const HELP = `Plays a whole incident on real input against the real judgement and an embedded Postgres,
and shows the hold register as it changes. It takes most of a minute, because the epoch moves
at most once a second, and writes nothing outside its data directory.

  npm run rehearse                    readable in a plain terminal
  npm run --silent rehearse -- --json one JSON object a line
  npm run rehearse -- --data DIR      keep the data in DIR, which must be absent or empty

  --json      tell programs instead of people
  --data DIR  keep the ledger's data; without it a temporary directory is removed at the end
  --help      this text

Exit code: 0 if every stage went as expected, 1 if not, 2 for a wrong command line, 130 if
interrupted.
`;

/** Reads the arguments. Throws a `TypeError` that says what is wrong with them. */
export function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h", default: false },
      json: { type: "boolean", default: false },
      data: { type: "string" },
    },
  });
  if (values.data === "") throw new TypeError("--data needs the name of a directory");
  return { isHelp: values.help, isJson: values.json, directory: values.data ?? null };
}
