import { parseArgs } from "node:util";
import type { GivenServer } from "./givenTheatre.ts";
import { EPOCH_MS, EPOCH_MS_MAX } from "./plan.ts";

/** What the command line asks for. */
export interface Options {
  readonly isHelp: boolean;
  readonly isJson: boolean;
  /** Where the data goes and stays; a temporary directory, removed at the end, when null. */
  readonly directory: string | null;
  /** A server that runs already; one of the rehearsal's own when null. */
  readonly server: GivenServer | null;
}

/** What `--help` prints. */
export const HELP = `Plays a whole incident on real input through the public API, and shows the hold register as it
changes: queries and mutations over HTTP, everybody with a token of their own, and the register
followed over a WebSocket. The server is one that the rehearsal starts on an embedded Postgres, or
one that you name. It takes about a minute, because the epoch moves at most once a second.

  npm run rehearse                    readable in a plain terminal
  npm run --silent rehearse -- --json one JSON object a line
  npm run rehearse -- --data DIR      keep the data in DIR, which must be absent or empty
  npm run rehearse -- --url http://127.0.0.1:4000 --principals .holdfast/principals.json

  --json             tell programs instead of people
  --data DIR         keep the ledger's data; without it a temporary directory is removed at the end
  --url URL          play on the server that answers there instead of starting one
  --other-url URL    another node of that server's deployment, which reads the same principals file:
                     requests go to the one and the other in turn, and this one is followed
  --principals FILE  the principals file which that server reads: the rehearsal adds its cast,
                     which must not be in it yet, and removes it at the end
  --alone            nobody else uses that server: the stage in which its epoch is frozen is played too,
                     which breaks the mapping of times of every packet there
  --help             this text

A server that is named must have epochs of at most ${EPOCH_MS_MAX / 1000} s: start it with HOLDFAST_EPOCH_MS=${EPOCH_MS}. No
stage is left out for a slower one; it is refused. Left out are the frozen epoch, but for --alone, and the
outage of single sign-on, which the rehearsal has to itself. The rehearsal plays there as an exercise, on a
train and enclaves of its own, and what it recorded stays, because nothing is ever deleted.

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
      url: { type: "string" },
      "other-url": { type: "string" },
      principals: { type: "string" },
      alone: { type: "boolean", default: false },
    },
  });
  const { help: isHelp, json: isJson, data, url, principals, alone } = values;
  if (data === "") throw new TypeError("--data needs the name of a directory");
  if (data !== undefined && url !== undefined) {
    throw new TypeError("--data is for a server of the rehearsal's own: leave it out with --url");
  }
  const server = serverOf(url, values["other-url"], principals, alone);
  return { isHelp, isJson, directory: data ?? null, server };
}

function serverOf(
  url: string | undefined,
  otherUrl: string | undefined,
  principals: string | undefined,
  isAlone: boolean,
): GivenServer | null {
  if (url === undefined && isAlone) {
    throw new TypeError(
      "--alone is for a server that --url names: its own the rehearsal has to itself",
    );
  }
  if (url === undefined && otherUrl !== undefined) {
    throw new TypeError("--other-url is for another node beside the one that --url names");
  }
  if (url === undefined && principals === undefined) return null;
  if (url === undefined || principals === undefined || principals === "") {
    throw new TypeError("--url and --principals go together: where it answers, and whom it knows");
  }
  requireAddress("--url", url);
  if (otherUrl === undefined) return { url, principals, isAlone };
  requireAddress("--other-url", otherUrl);
  return { url, otherUrl, principals, isAlone };
}

function requireAddress(option: string, text: string): void {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return;
  throw new TypeError(`${option} needs an address such as http://127.0.0.1:4000`);
}
