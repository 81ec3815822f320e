import { rename, writeFile } from "node:fs/promises";
import { Name } from "#packet/name.ts";
import { Release } from "#packet/rollback.ts";
import {
  RELEASE_NAMESPACE,
  type ReleaseStatement,
  readReleaseStatement,
  releaseFaults,
  releaseStatementBytes,
} from "#proof/releaseStatement.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault } from "#proof/sshWire.ts";
import { HELP_OPTION, NotDone, type WordsOf, runVerb } from "./commandLine.ts";
import { contentOf, inOneLine } from "./serverClient.ts";

const HELP = `Takes a release's metadata to where its signers' keys are, and the signatures back.

  npm run release -- prepare RELEASE --component NAME --out FILE   writes what is to be signed
  npm run release -- show FILE                                     says what FILE would sign
  npm run release -- attach RELEASE --component NAME FILE.sig...   puts signatures into RELEASE

  RELEASE      a file of JSON with one release, as mutations take it:
               {"release": NAME, "digest": "sha256:...", "svn": 5, "masvn": 4,
                "denied": [], "trustedKeys": ["SHA256:..."]}
  --component  the component that it is for: of another one the signature is no signature

In between, where each key is, look at what FILE says (show, or FILE.txt) and sign exactly it:
  ssh-keygen -Y sign -f KEY -n ${RELEASE_NAMESPACE} FILE
Several keys sign the same FILE, in an overlap both: keep each FILE.sig under a name of its own.
attach verifies each signature and those that are there, and writes RELEASE anew with "signedBy" and
"signatures", as sourceAccept and sharedRecord take it. It asks no server: whether a key is revoked
is for the server to say.

Exit code: 0 if it was done, 1 if it could not be done, 2 for a wrong command line.
`;

const OPTIONS = {
  help: HELP_OPTION,
  component: { type: "string" },
  out: { type: "string" },
} as const;

/** A release as somebody writes it before anybody has signed it. */
const Unsigned = Release.extend({ signedBy: Release.shape.signedBy.default([]) });

process.exitCode = await runVerb("release", { help: HELP, options: OPTIONS }, done);

type Words = WordsOf<typeof OPTIONS>;

async function done(said: readonly string[], words: Words): Promise<string> {
  const [verb, file, ...rest] = said;
  if (file !== undefined) {
    if (verb === "prepare" && rest.length === 0) return prepare(file, words);
    if (verb === "show" && rest.length === 0) return inWords(statementIn(await contentOf(file)));
    if (verb === "attach" && rest.length > 0) return attach(file, rest, words);
  }
  throw new TypeError("say prepare RELEASE, show FILE, or attach RELEASE FILE.sig");
}

async function prepare(file: string, words: Words): Promise<string> {
  const { out } = words;
  const component = componentIn(words);
  if (out === undefined) throw new TypeError("--out FILE says where to write");
  const statement = { ...(await releaseIn(file)), component };
  const told = inWords(statement);
  await writeFile(out, releaseStatementBytes(statement));
  await writeFile(`${out}.txt`, told);
  return `${told}\n${out} is what is to be signed, and ${out}.txt says this again:\n  ssh-keygen -Y sign -f KEY -n ${RELEASE_NAMESPACE} ${out}\n`;
}

async function attach(file: string, signed: readonly string[], words: Words): Promise<string> {
  const component = componentIn(words);
  const release = await releaseIn(file);
  const message = releaseStatementBytes({ ...release, component });
  // One of each key: whoever signs anew takes the place of what they signed before.
  const byKey = new Map<string, string>();
  const { signatures = [] } = release;
  for (const [index, armored] of signatures.entries()) {
    const { fingerprint, inForm } = verified(armored, message, `${file}: signatures.${index}`);
    byKey.set(fingerprint, inForm);
  }
  const added = new Set<string>();
  for (const name of signed) {
    const armored = (await contentOf(name)).toString("latin1");
    const { fingerprint, inForm } = verified(armored, message, name);
    byKey.set(fingerprint, inForm);
    added.add(fingerprint);
  }
  const whole = { ...release, signedBy: [...byKey.keys()], signatures: [...byKey.values()] };
  const missing = release.signedBy.filter((key) => !byKey.has(key));
  if (missing.length > 0) {
    throw new NotDone(
      `${file} says that ${missing.join(" and ")} signed: bring the signature, or take it out of signedBy`,
    );
  }
  const read = Release.safeParse(whole);
  if (!read.success) throw new NotDone(faultsOf(file, read.error.issues));
  const [fault] = releaseFaults(component, read.data);
  if (fault !== undefined) throw new NotDone(`${file}: ${fault.path.join(".")} ${fault.why}`);
  await writeFile(`${file}.new`, `${JSON.stringify(read.data, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return `${file} has ${read.data.signedBy.length} signatures; added or renewed: ${[...added].join(" and ")}.\n`;
}

/** Whose signature of the message this is, and the one form in which the lineage keeps it. */
function verified(armored: string, message: Uint8Array, place: string) {
  const read = readSshSignature(armored);
  if (read instanceof SshFault) throw new NotDone(`${place}: ${read.why}`);
  const key = verifySshSignature({ armored, message, namespace: RELEASE_NAMESPACE });
  if (key instanceof SshFault) {
    throw new NotDone(`${place}: ${key.why}; it must be over what prepare writes of this release`);
  }
  return { fingerprint: key.fingerprint, inForm: read.armored };
}

async function releaseIn(file: string): Promise<Release> {
  const text = (await contentOf(file)).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new NotDone(`${file} is not JSON`, { cause });
  }
  const read = Unsigned.safeParse(value);
  if (read.success) return read.data;
  throw new NotDone(faultsOf(file, read.error.issues));
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function faultsOf(file: string, issues: readonly Issue[]): string {
  const told = issues.map(({ path, message }) => `\n  ${path.map(String).join(".")} ${message}`);
  return `${file} is no release:${told.join("")}`;
}

function componentIn({ component }: Words): string {
  if (component === undefined) throw new TypeError("--component NAME is missing");
  if (Name.safeParse(component).success) return component;
  throw new TypeError("--component must be a component's name");
}

function statementIn(bytes: Uint8Array): ReleaseStatement {
  const statement = readReleaseStatement(bytes);
  if (statement !== null) return statement;
  throw new NotDone("the file is not what prepare wrote: prepare it again");
}

/** What a statement says, for whoever is to sign it. */
function inWords(statement: ReleaseStatement): string {
  const { component, release, digest, svn, masvn, denied, trustedKeys } = statement;
  return [
    `Release ${inOneLine(release)} for the component ${inOneLine(component)}, and for no other:`,
    `  digest ${inOneLine(digest)}`,
    `  security version (SVN) ${svn}`,
    "Once it has initialised there, the component, for good,",
    `  refuses whatever has a lower SVN than ${masvn} (MASVN)`,
    ...listed("denies", denied),
    ...listed("trusts the key", trustedKeys),
    "",
  ].join("\n");
}

function listed(what: string, values: readonly string[]): string[] {
  return values.map((value) => `  ${what} ${inOneLine(value)}`);
}
