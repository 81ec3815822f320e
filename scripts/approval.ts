import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Id } from "#packet/name.ts";
import {
  APPROVAL_NAMESPACE,
  type ApprovalStatement,
  readApprovalStatement,
} from "#proof/approvalStatement.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { SshFault } from "#proof/sshWire.ts";
import { digestWords } from "#proof/words.ts";
import { NotDone, runCommand } from "./commandLine.ts";

const HELP = `Takes a decision to where the owner's key is, and the signature back.

  npm run approval -- prepare PACKET --url URL --out FILE   writes what is to be signed
  npm run approval -- show FILE                             says in words what FILE would sign
  npm run approval -- submit FILE FILE.sig --url URL        records the signed decision

  --url       the server; HOLDFAST_AUTHORIZATION has the Authorization header to come with:
              "Bearer TOKEN", or what npm run sign-in prints
  --reject    to prepare a rejection instead of an approval
  --reason    why, for submitting a rejection

In between, where the key is: look at what FILE says (show, or FILE.txt), compare the digest's words
with those that the server shows, and sign exactly FILE:
  ssh-keygen -Y sign -f KEY -n ${APPROVAL_NAMESPACE} FILE

Exit code: 0 if it was done, 1 if it was refused or could not be done, 2 for a wrong command line.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h", default: false },
  url: { type: "string" },
  out: { type: "string" },
  reject: { type: "boolean", default: false },
  reason: { type: "string" },
} as const;

const HEAD = `query Head($packet: UUID!) {
  packet(packet: $packet) { currentRevision { number digest status } }
}`;

const STATEMENT = `query Statement($input: ApprovalPrepareInput!) {
  approvalStatement(input: $input) {
    __typename
    ... on ApprovalStatement { base64 }
    ... on Error { code message }
  }
}`;

const APPROVE = `mutation Approve($input: PacketApproveInput!) {
  answer: packetApprove(input: $input) {
    __typename
    ... on PacketApprovePayload { revision { number } packet { status } }
    ... on Error { code message }
  }
}`;

const REJECT = APPROVE.replace("Approve($", "Reject($")
  .replace("PacketApproveInput", "PacketRejectInput")
  .replace("packetApprove(", "packetReject(")
  .replace("PacketApprovePayload", "PacketRejectPayload");

process.exitCode = await runCommand("approval", done);

type Words = ReturnType<typeof wordsOf>["values"];

function wordsOf(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
}

async function done(args: readonly string[]): Promise<string> {
  const { values, positionals } = wordsOf(args);
  if (values.help) return HELP;
  const [verb, first, second, ...rest] = positionals;
  if (rest.length === 0 && first !== undefined) {
    if (verb === "prepare" && second === undefined) return prepare(first, values);
    if (verb === "show" && second === undefined) return inWords(statementIn(await read(first)));
    if (verb === "submit" && second !== undefined) return submit(first, second, values);
  }
  throw new TypeError("say prepare PACKET, show FILE, or submit FILE FILE.sig");
}

async function prepare(packet: string, { out, reject, ...words }: Words): Promise<string> {
  if (!Id.safeParse(packet).success) throw new TypeError("PACKET must be a packet's id");
  if (out === undefined) throw new TypeError("--out FILE says where to write");
  const seen = await ask(words, HEAD, { packet });
  const head = memberOf(memberOf(seen, "packet"), "currentRevision");
  const revision = memberOf(head, "number");
  const digest = memberOf(head, "digest");
  const decision = reject ? "REJECT" : "APPROVE";
  const input = { packet, revision, digest, decision };
  const answer = granted(memberOf(await ask(words, STATEMENT, { input }), "approvalStatement"));
  const bytes = Buffer.from(String(memberOf(answer, "base64")), "base64");
  const statement = statementIn(bytes);
  // Nothing is taken to a signature that the server did not tell twice alike.
  if (statement.packet !== packet || statement.digest !== digest || statement.decision !== decision)
    throw new NotDone("the server gave a statement about something else than was asked for");
  const told = `${inWords(statement)}Standing at that revision: ${String(memberOf(head, "status"))}.\n`;
  await writeFile(out, bytes);
  await writeFile(`${out}.txt`, told);
  return `${told}\n${out} is what is to be signed, and ${out}.txt says this again:\n  ssh-keygen -Y sign -f KEY -n ${APPROVAL_NAMESPACE} ${out}\n`;
}

/** What a statement says, for whoever is to sign it. */
function inWords(statement: ApprovalStatement): string {
  const { decision, packet, revision, digest, epoch, deployment, exercise } = statement;
  const verb = decision === "APPROVE" ? "Approves" : "Rejects";
  const words = digestWords(Buffer.from(digest, "hex"));
  return [
    exercise ? "AN EXERCISE, never to be taken for real." : "For real: this is no exercise.",
    `${verb} revision ${revision} of packet ${packet},`,
    `of the deployment ${deployment}, prepared at its epoch ${epoch}.`,
    `The revision's digest is ${digest}, in words:`,
    ...rows(words, 8).map((row) => `  ${row}`),
    "",
  ].join("\n");
}

function rows(words: readonly string[], width: number): string[] {
  const count = Math.ceil(words.length / width);
  return Array.from({ length: count }, (_, row) =>
    words.slice(row * width, (row + 1) * width).join(" "),
  );
}

async function submit(file: string, signed: string, words: Words): Promise<string> {
  const bytes = await read(file);
  const { decision, packet, revision, digest, epoch } = statementIn(bytes);
  const signature = readSshSignature((await read(signed)).toString("latin1"));
  if (signature instanceof SshFault) throw new NotDone(`${signed}: ${signature.why}`);
  const { armored, publicKey } = signature;
  // The same signed statement is the same wish, however often it is brought.
  const idempotencyKey = `approval-${createHash("sha256").update(bytes).digest("hex")}`;
  const given = { epoch: epoch.toString(), armored };
  const isApproval = decision === "APPROVE";
  if (!isApproval && words.reason === undefined) {
    throw new TypeError("--reason says why, for a rejection");
  }
  const input = isApproval
    ? { idempotencyKey, packet, revision, digest, signature: given }
    : {
        idempotencyKey,
        packet,
        reason: words.reason,
        signature: { revision, digest, ...given },
      };
  const data = await ask(words, isApproval ? APPROVE : REJECT, { input });
  const answer = granted(memberOf(data, "answer"));
  const recorded = memberOf(memberOf(answer, "revision"), "number");
  const status = memberOf(memberOf(answer, "packet"), "status");
  return `Recorded in revision ${String(recorded)}, signed with ${publicKey.fingerprint}. The packet is ${String(status)}.\n`;
}

function statementIn(bytes: Uint8Array): ApprovalStatement {
  const statement = readApprovalStatement(bytes);
  if (statement !== null) return statement;
  throw new NotDone("the file is not what prepare wrote: prepare it again");
}

async function read(file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    throw new NotDone(`${file} cannot be read`, { cause });
  });
}

/** Asks the server; throws for everything but an answer without errors. */
async function ask(
  { url = "" }: Pick<Words, "url">,
  query: string,
  variables: object,
): Promise<unknown> {
  const authorization = process.env["HOLDFAST_AUTHORIZATION"];
  if (!URL.canParse("/graphql", url)) throw new TypeError("--url must be a server's address");
  if (!authorization)
    throw new TypeError("HOLDFAST_AUTHORIZATION must have the header to come with");
  const headers = { authorization, "content-type": "application/json" };
  const body = JSON.stringify({ query, variables });
  const request = { method: "POST", headers, body, redirect: "error" } as const;
  let answer: unknown;
  try {
    answer = await (await fetch(new URL("/graphql", url), request)).json();
  } catch (cause) {
    throw new NotDone(`${url} does not answer as a server of ours`, { cause });
  }
  const { data, errors } = answer as { readonly data?: unknown; readonly errors?: unknown };
  if (errors === undefined && data !== undefined) return data;
  const [first] = Array.isArray(errors) ? (errors as unknown[]) : [];
  throw new NotDone(`refused: ${String(memberOf(first, "message"))}`);
}

/** The payload of a verb's answer; throws for a refusal. */
function granted(answer: unknown): unknown {
  const { code, message } = (answer ?? {}) as Readonly<Record<"code" | "message", string>>;
  if (code === undefined) return answer;
  throw new NotDone(`refused: ${code}: ${message}`);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value === "object" && value !== null && name in value) {
    return (value as Readonly<Record<string, unknown>>)[name];
  }
  throw new NotDone("there is no such packet, or none that you may see");
}
