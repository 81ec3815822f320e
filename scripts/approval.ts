import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { Id } from "#packet/name.ts";
import {
  APPROVAL_NAMESPACE,
  EXERCISE_NAMESPACE,
  type ApprovalStatement,
  approvalNamespace,
  readApprovalStatement,
} from "#proof/approvalStatement.ts";
import { readSshSignature } from "#proof/sshSignature.ts";
import { SshFault } from "#proof/sshWire.ts";
import { digestWords } from "#proof/words.ts";
import { HELP_OPTION, NotDone, type WordsOf, runVerb } from "./commandLine.ts";
import { askServer, contentOf, granted, inOneLine, memberOf } from "./serverClient.ts";

const HELP = `Takes a decision to where the owner's key is, and the signature back.

  npm run approval -- prepare PACKET --url URL --out FILE   writes what is to be signed
  npm run approval -- show FILE                             says in words what FILE would sign
  npm run approval -- submit FILE FILE.sig --url URL        records the signed decision

  --url       the server; HOLDFAST_AUTHORIZATION has the Authorization header to come with:
              "Bearer TOKEN", or what npm run sign-in prints
  --reject    to prepare a rejection instead of an approval
  --reason    why, for preparing a rejection: it is signed with the rest

In between, where the key is: look at what FILE says (show, or FILE.txt), compare the digest's words
with those that the server shows, and sign exactly FILE:
  ssh-keygen -Y sign -f KEY -n ${APPROVAL_NAMESPACE} FILE
or, for an exercise, with -n ${EXERCISE_NAMESPACE}; FILE.txt and the server say which.

Exit code: 0 if it was done, 1 if it was refused or could not be done, 2 for a wrong command line.
`;

const OPTIONS = {
  help: HELP_OPTION,
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

process.exitCode = await runVerb("approval", { help: HELP, options: OPTIONS }, done);

type Words = WordsOf<typeof OPTIONS>;

async function done(said: readonly string[], words: Words): Promise<string> {
  const [verb, first, second, ...rest] = said;
  if (rest.length === 0 && first !== undefined) {
    if (verb === "prepare" && second === undefined) return prepare(first, words);
    if (verb === "show" && second === undefined)
      return inWords(statementIn(await contentOf(first)));
    if (verb === "submit" && second !== undefined) return submit(first, second, words);
  }
  throw new TypeError("say prepare PACKET, show FILE, or submit FILE FILE.sig");
}

async function prepare(packet: string, { out, reject, reason, ...words }: Words): Promise<string> {
  if (!Id.safeParse(packet).success) throw new TypeError("PACKET must be a packet's id");
  if (out === undefined) throw new TypeError("--out FILE says where to write");
  if (reject !== (reason !== undefined)) throw new TypeError("--reject and --reason go together");
  const seen = await askServer(words, HEAD, { packet });
  const head = memberOf(memberOf(seen, "packet"), "currentRevision");
  const revision = memberOf(head, "number");
  const digest = memberOf(head, "digest");
  const decision = reject ? "REJECT" : "APPROVE";
  const input = { packet, revision, digest, decision, reason };
  const answer = granted(
    memberOf(await askServer(words, STATEMENT, { input }), "approvalStatement"),
  );
  const bytes = Buffer.from(String(memberOf(answer, "base64")), "base64");
  const statement = statementIn(bytes);
  // Nothing is taken to a signature that the server did not tell twice alike.
  const isAsked = statement.packet === packet && statement.digest === digest;
  if (!isAsked || statement.decision !== decision || statement.reason !== reason)
    throw new NotDone("the server gave a statement about something else than was asked for");
  const told = `${inWords(statement)}Standing at that revision: ${String(memberOf(head, "status"))}.\n`;
  await writeFile(out, bytes);
  await writeFile(`${out}.txt`, told);
  return `${told}\n${out} is what is to be signed, and ${out}.txt says this again:\n  ssh-keygen -Y sign -f KEY -n ${approvalNamespace(statement.exercise)} ${out}\n`;
}

/** What a statement says, for whoever is to sign it. */
function inWords(statement: ApprovalStatement): string {
  const { decision, packet, revision, digest, epoch, deployment, exercise, reason } = statement;
  const verb = decision === "APPROVE" ? "Approves" : "Rejects";
  const words = digestWords(Buffer.from(digest, "hex"));
  return [
    exercise ? "AN EXERCISE, never to be taken for real." : "For real: this is no exercise.",
    `${verb} revision ${revision} of packet ${packet},`,
    `of the deployment ${deployment}, prepared at its epoch ${epoch}.`,
    `The revision's digest is ${digest}, in words:`,
    ...rows(words, 8).map((row) => `  ${row}`),
    ...(reason === undefined ? [] : [`For this reason: ${inOneLine(reason)}`]),
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
  const bytes = await contentOf(file);
  const { decision, packet, revision, digest, epoch, reason } = statementIn(bytes);
  const signature = readSshSignature((await contentOf(signed)).toString("latin1"));
  if (signature instanceof SshFault) throw new NotDone(`${signed}: ${signature.why}`);
  const { armored, publicKey } = signature;
  // The same signed statement is the same wish, however often it is brought.
  const idempotencyKey = `approval-${createHash("sha256").update(bytes).digest("hex")}`;
  const given = { epoch: epoch.toString(), armored };
  const isApproval = decision === "APPROVE";
  if (!isApproval && reason === undefined) {
    throw new NotDone("the rejection's reason is not signed with it: prepare it again");
  }
  const input = isApproval
    ? { idempotencyKey, packet, revision, digest, signature: given }
    : {
        idempotencyKey,
        packet,
        reason,
        signature: { revision, digest, ...given },
      };
  const data = await askServer(words, isApproval ? APPROVE : REJECT, { input });
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
