import { randomBytes } from "node:crypto";
import { NoteKeyUnusable, makeNoteKey, readNoteKey } from "#notary/noteKeyFile.ts";
import { isNoteKeyName } from "#proof/noteForm.ts";
import { HELP_OPTION, runVerb } from "./commandLine.ts";

const HELP = `Makes the key with which a deployment signs its log and its gate statements.

  npm run log-key -- make FILE NAME    NAME is the log's origin, such as releases.example/holdfast
  npm run log-key -- show FILE         prints the verifier key, which auditors need, again

The server reads FILE from HOLDFAST_LOG_KEY. Only its owner may read it: keep it on the machines
that serve, and a copy where the database is not. Exit code: 0 if it was done, 1 if the file did
not allow it, 2 for a wrong command line.
`;

const line = { help: HELP, options: { help: HELP_OPTION } };

process.exitCode = await runVerb("log-key", line, done, [NoteKeyUnusable]);

async function done([verb, file, name, ...rest]: readonly string[]): Promise<string> {
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
