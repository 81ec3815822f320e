import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { ENTRY_NAMESPACE, readEntryStatement } from "#proof/entryStatement.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { SshFault } from "#proof/sshWire.ts";
import { HELP_OPTION, NotDone, type WordsOf, runVerb } from "./commandLine.ts";
import { askServer, contentOf, granted, inOneLine, memberOf } from "./serverClient.ts";

const HELP = `Takes reports to where the reporter's key is, and the signatures back.

  npm run entry -- prepare REPORTS --url URL --out FILE   writes FILE.1, FILE.2, ...: what is to be signed
  npm run entry -- show FILE.1                            says what FILE.1 would sign
  npm run entry -- submit FILE --url URL                  reports them, with FILE.1.sig, FILE.2.sig, ...

  REPORTS     a file of JSON with one member, named for who takes the reports:
              {"readinessRecord": {"packet": ID, "entries": [...]}}
              {"sharedRecord": {"exercise": false, "entries": [...]}}
              {"packetOpen": {"train": NAME, "exercise": false, "bindings": {...}, "entries": [...]}}
              and in it that mutation's input, without signatures and without idempotencyKey
  --url       the server; HOLDFAST_AUTHORIZATION has the Authorization header to come with:
              "Bearer TOKEN", or what npm run sign-in prints

prepare also writes FILE, which submit needs. In between, where the key is, look at what each file
says (show, or FILE.1.txt) and sign exactly it:
  ssh-keygen -Y sign -f KEY -n ${ENTRY_NAMESPACE} FILE.1

Exit code: 0 if it was done, 1 if it was refused or could not be done, 2 for a wrong command line.
`;

const OPTIONS = {
  help: HELP_OPTION,
  url: { type: "string" },
  out: { type: "string" },
} as const;

const STATEMENTS = `query Statements($input: EntryPrepareInput!) {
  answer: entryStatements(input: $input) {
    __typename
    ... on EntryStatements { packet statements { base64 observedEpoch } }
    ... on InvalidInput { faults { path message } }
    ... on Error { code message }
  }
}`;

/** Who takes reports: how it is asked, and as what the reports are prepared. */
const TAKERS = {
  readinessRecord: {
    mutation: mutationOf("readinessRecord", "ReadinessRecord", "revision { number }"),
    about: ({ packet, entries }: Wish) => ({ packet: { packet, entries } }),
  },
  sharedRecord: {
    mutation: mutationOf("sharedRecord", "SharedRecord", "__typename"),
    about: ({ exercise, entries }: Wish) => ({ shared: { exercise, entries } }),
  },
  packetOpen: {
    mutation: mutationOf("packetOpen", "PacketOpen", "revision { number }"),
    about: ({ exercise, entries }: Wish) => ({ opening: { exercise, entries } }),
  },
} as const;
type Taker = keyof typeof TAKERS;

function mutationOf(field: string, type: string, selection: string): string {
  return `mutation Report($input: ${type}Input!) {
    answer: ${field}(input: $input) {
      __typename
      ... on ${type}Payload { ${selection} }
      ... on InvalidInput { faults { path message } }
      ... on Error { code message }
    }
  }`;
}

/** A mutation's input as it stands in the file. */
interface Wish extends Readonly<Record<string, unknown>> {
  readonly entries: readonly Readonly<Record<string, object>>[];
}

process.exitCode = await runVerb("entry", { help: HELP, options: OPTIONS }, done);

async function done(said: readonly string[], words: WordsOf<typeof OPTIONS>): Promise<string> {
  const [verb, file, ...rest] = said;
  if (rest.length === 0 && file !== undefined) {
    if (verb === "prepare") return prepare(file, words.out, words.url);
    if (verb === "show") return inWords(await contentOf(file));
    if (verb === "submit") return submit(file, words.url);
  }
  throw new TypeError("say prepare REPORTS, show FILE.1, or submit FILE");
}

async function prepare(
  file: string,
  out: string | undefined,
  url: string | undefined,
): Promise<string> {
  if (out === undefined) throw new TypeError("--out FILE says where to write");
  const [taker, wish] = await wishIn(file);
  const { reportNumber } = wish;
  const input = { about: TAKERS[taker].about(wish), reportNumber };
  const answer = granted(memberOf(await askServer({ url }, STATEMENTS, { input }), "answer"));
  const statements = memberOf(answer, "statements");
  if (!Array.isArray(statements) || statements.length !== wish.entries.length) {
    throw new NotDone("the server did not give a statement for each report");
  }
  const told: string[] = [];
  const timed: object[] = [];
  for (const [index, entry] of wish.entries.entries()) {
    const statement: unknown = statements[index];
    const bytes = Buffer.from(String(memberOf(statement, "base64")), "base64");
    const name = `${out}.${index + 1}`;
    const words = inWords(bytes);
    await writeFile(name, bytes);
    await writeFile(`${name}.txt`, words);
    told.push(
      `${words}${name} is what is to be signed:\n  ssh-keygen -Y sign -f KEY -n ${ENTRY_NAMESPACE} ${name}\n`,
    );
    timed.push(withMembers(entry, { observedEpoch: memberOf(statement, "observedEpoch") }));
  }
  // Of a packet that is to be opened, the statements name the id that it must then be opened with.
  const packet = taker === "packetOpen" ? { packet: memberOf(answer, "packet") } : {};
  const ready = { [taker]: { ...wish, ...packet, entries: timed } };
  await writeFile(out, `${JSON.stringify(ready, null, 2)}\n`);
  return `${told.join("\n")}\n${out} has the reports themselves, for submit.\n`;
}

async function submit(file: string, url: string | undefined): Promise<string> {
  const [taker, wish] = await wishIn(file);
  const digest = createHash("sha256");
  const entries: object[] = [];
  const keys = new Set<string>();
  for (const [index, entry] of wish.entries.entries()) {
    const name = `${file}.${index + 1}`;
    digest.update(await contentOf(name));
    const signature = readSshSignature((await contentOf(`${name}.sig`)).toString("latin1"));
    if (signature instanceof SshFault) throw new NotDone(`${name}.sig: ${signature.why}`);
    keys.add(signature.publicKey.fingerprint);
    entries.push(withMembers(entry, { signature: signature.armored }));
  }
  // The same signed statements are the same wish, however often they are brought.
  const idempotencyKey = `entry-${digest.digest("hex")}`;
  const input = { ...wish, entries, idempotencyKey };
  granted(memberOf(await askServer({ url }, TAKERS[taker].mutation, { input }), "answer"));
  return `Recorded: ${entries.length} reports, signed with ${[...keys].join(" and ")}.\n`;
}

/** Who is to take the reports of a file, and its input. */
async function wishIn(file: string): Promise<[Taker, Wish]> {
  let read: unknown;
  try {
    read = JSON.parse((await contentOf(file)).toString("utf8"));
  } catch (cause) {
    if (cause instanceof NotDone) throw cause;
    throw new NotDone(`${file} is not JSON`, { cause });
  }
  const [[taker, wish] = [], ...others] = Object.entries(read ?? {});
  const entries: unknown = (wish as Partial<Wish> | undefined)?.entries;
  const isRead = taker !== undefined && Object.hasOwn(TAKERS, taker) && others.length === 0;
  if (!isRead || !Array.isArray(entries) || !entries.every(isReport)) {
    const takers = Object.keys(TAKERS).join(", ");
    throw new NotDone(`${file} must have one member of ${takers}, with entries`);
  }
  return [taker as Taker, wish as Wish];
}

/** One member, named for the kind, with the report in it. */
function isReport(entry: unknown): boolean {
  const members = Object.values(entry ?? {}) as unknown[];
  return members.length === 1 && typeof members[0] === "object" && members[0] !== null;
}

/** A report with more in it. */
function withMembers(entry: Wish["entries"][number], more: object): object {
  return Object.fromEntries(
    Object.entries(entry).map(([kind, report]) => [kind, { ...report, ...more }]),
  );
}

/** What a statement says, for whoever is to sign it. */
function inWords(bytes: Uint8Array): string {
  const statement = readEntryStatement(bytes);
  if (statement === null) {
    throw new NotDone("the file is not what prepare wrote: prepare it again");
  }
  const { deployment, exercise, packet, report, reporter, reportNumber } = statement;
  return [
    exercise ? "AN EXERCISE, never to be taken for real." : "For real: this is no exercise.",
    packet === null ? "Reports on what several packets share," : `Reports on packet ${packet},`,
    `of the deployment ${deployment}, as ${inOneLine(reporter)}${reportNumber === null ? "" : `, number ${reportNumber}`}:`,
    ...Object.entries(report as object).map(
      ([name, value]) =>
        `  ${name}: ${inOneLine(typeof value === "string" ? value : JSON.stringify(value))}`,
    ),
    "",
  ].join("\n");
}
