import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { NoteKeyUnusable, makeNoteKey, readNoteKey } from "#notary/noteKeyFile.ts";
import { isNoteKeyName } from "#proof/noteForm.ts";
import { runCommand } from "./commandLine.ts";

const HELP = `Makes the key with which a deployment signs its log and its gate statements.

  npm run log-key -- make FILE NAME    NAME is the log's origin, such as releases.example/holdfast
  npm run log-key -- show FILE         prints the verifier key, which auditors need, again

The server reads FILE from HOLDFAST_LOG_KEY. Only its owner may read it: keep it on the machines
that serve, and a copy where the database is not. Exit code: 0 if it was done, 1 if the file did
not allow it, 2 for a wrong command line.
`;

process.exitCode = await runCommand("log-key", done, [NoteKeyUnusable]);

async function done(args: readonly string[]): Promise<string> {
  const options = { help: { type: "boolean", short: "h", default: false } } as const;
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
  if (values.help) return HELP;
  const [verb, file, name, ...rest] = positionals;
  if (rest.length > 0) throw new TypeError("too many words");
  if (verb === "show" && file !== undefined && name === undefined) {
    return `${(await readNoteKey(file)).verifierKey}\n`;
  }
  if (verb !== "make" || file === undefined || name === undefined) {
    throw new TypeError("say make FILE NAME or show FILE");
  }
  if (!isNoteKeyName(name)) {
    throw new TypeError("the name is to be a text without spaces and plus signs");
  }
  const { verifierKey } = await makeNoteKey(file, name, randomBytes(32));
  return `${file} is made. The verifier key, for auditors:\n${verifierKey}\n`;
}
