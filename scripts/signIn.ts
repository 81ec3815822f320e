import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Epoch } from "#packet/epoch.ts";
import { Name } from "#packet/name.ts";
import {
  readSignInStatement,
  SIGN_IN_EPOCHS_MAX,
  SIGN_IN_NAMESPACE,
  signInStatementBytes,
} from "#proof/signInStatement.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { SshFault } from "#proof/sshWire.ts";
import { NotDone, runCommand } from "./commandLine.ts";
import { signWith } from "./sshKeygen.ts";

const HELP = `Makes the Authorization header with which a responder signs in without an identity provider.

  npm run --silent sign-in -- --url URL --principal NAME --key FILE
  npm run --silent sign-in -- --deployment ID --epoch E --principal NAME --key FILE

  --url         a server, which is asked for its deployment and epoch (URL/sign-in, open to anybody)
  --deployment, --epoch  the same, where somebody has read them out
  --through     the last epoch in which it counts; at most, and left out, ${SIGN_IN_EPOCHS_MAX} epochs later
  --principal   the name in the principals file
  --key         the private key, or the public one of a key that ssh-agent or a FIDO device holds

For a machine apart, in three steps:
  1. the same with --statement FILE in place of --key: writes what is to be signed
  2. there: ssh-keygen -Y sign -n ${SIGN_IN_NAMESPACE} -f KEY FILE    makes FILE.sig
  3. npm run --silent sign-in -- --statement FILE --signature FILE.sig

Prints the header's value, to be sent as "authorization: ...". Whoever has it is let in as that
person until its last epoch is over: treat it as a password. Exit code: 0 if it was made, 1 if that
failed, 2 for a wrong command line.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h", default: false },
  url: { type: "string" },
  deployment: { type: "string" },
  epoch: { type: "string" },
  through: { type: "string" },
  principal: { type: "string" },
  key: { type: "string" },
  statement: { type: "string" },
  signature: { type: "string" },
} as const;

process.exitCode = await runCommand("sign-in", done);

type Words = ReturnType<typeof wordsOf>;

function wordsOf(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS }).values;
}

async function done(args: readonly string[]): Promise<string> {
  const words = wordsOf(args);
  const { key, statement, signature } = words;
  if (words.help) return HELP;
  if (statement !== undefined && signature !== undefined) {
    return headerOf(await read(statement), (await read(signature)).toString("latin1"));
  }
  if (signature !== undefined || (key === undefined) === (statement === undefined)) {
    throw new TypeError(
      "say --key FILE, or --statement FILE, or --statement FILE --signature FILE.sig",
    );
  }
  const bytes = await statementOf(words);
  if (statement !== undefined) {
    await writeFile(statement, bytes);
    return `${statement} is what is to be signed:\n  ssh-keygen -Y sign -n ${SIGN_IN_NAMESPACE} -f KEY ${statement}\n`;
  }
  return headerOf(bytes, await signWith(key ?? "", SIGN_IN_NAMESPACE, bytes));
}

async function statementOf({ url, through, principal, ...words }: Words): Promise<Uint8Array> {
  const name = Name.safeParse(principal);
  if (!name.success) throw new TypeError("--principal must be the name in the principals file");
  const { deployment, epoch: told } = url === undefined ? words : await asked(url);
  if (deployment === undefined || told === undefined) {
    throw new TypeError("say --url URL, or --deployment ID and --epoch E");
  }
  const epoch = epochOf("--epoch", told);
  const latest = epoch + SIGN_IN_EPOCHS_MAX;
  const validThroughEpoch = through === undefined ? latest : epochOf("--through", through);
  if (validThroughEpoch < epoch || validThroughEpoch > latest) {
    throw new TypeError(`--through must lie between ${epoch} and ${latest}`);
  }
  return signInStatementBytes({ deployment, principal: name.data, epoch, validThroughEpoch });
}

function epochOf(option: string, text: string): bigint {
  const epoch = Epoch.safeParse(text);
  if (!epoch.success) throw new TypeError(`${option} ${epoch.error.issues[0]?.message ?? ""}`);
  return epoch.data;
}

async function asked(
  url: string,
): Promise<{ readonly deployment: string; readonly epoch: string }> {
  if (!URL.canParse("/sign-in", url)) throw new TypeError("--url must be a server's address");
  try {
    const response = await fetch(new URL("/sign-in", url), { redirect: "error" });
    const { deployment, epoch } = (await response.json()) as Readonly<Record<string, unknown>>;
    if (typeof deployment === "string" && typeof epoch === "string") return { deployment, epoch };
  } catch (cause) {
    throw new NotDone(`${url} does not answer: say --deployment and --epoch`, { cause });
  }
  throw new NotDone(`${url} does not say its deployment and epoch: say --deployment and --epoch`);
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new NotDone(`${file} cannot be read`, { cause });
  });
}

function headerOf(bytes: Uint8Array, armored: string): string {
  if (readSignInStatement(bytes) === null)
    throw new NotDone("the statement is not what --statement wrote");
  const signature = readSshSignature(armored);
  if (signature instanceof SshFault) throw new NotDone(`the signature: ${signature.why}`);
  const parts = [bytes, Buffer.from(signature.armored)].map((part) =>
    Buffer.from(part).toString("base64url"),
  );
  return `Holdfast-Sshsig ${parts.join(".")}\n`;
}
