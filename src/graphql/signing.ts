import { type PreparedStatement, approvalPrepare } from "#workflow/approvalPrepare.ts";
import { approvalNamespace } from "#proof/approvalStatement.ts";
import { ENTRY_NAMESPACE } from "#proof/entryStatement.ts";
import { type PreparedEntries, type PreparedEntry, entryPrepare } from "#workflow/entryPrepare.ts";
import { builder, governed, shared } from "./builder.ts";
import { EntryPrepareInput } from "./input/prepareInput.ts";
import { ApprovalPrepareInput } from "./input/signatureInput.ts";
import { addQuery } from "./verbs.ts";
import { wordsOf } from "./words.ts";

const ApprovalStatementRef = builder.objectRef<PreparedStatement>("ApprovalStatement").implement({
  description:
    "What an owner signs to decide on one revision: sign exactly these bytes, wherever the key is.",
  fields: (t) => ({
    text: t.string({
      ...shared,
      description: "The statement: canonical JSON (RFC 8785), without a line feed at the end.",
      resolve: ({ bytes }) => new TextDecoder().decode(bytes),
    }),
    base64: t.field({
      ...shared,
      type: "Base64",
      description: "The same bytes in base64.",
      resolve: ({ bytes }) => Buffer.from(bytes).toString("base64"),
    }),
    epoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch that it names: give it with the signature.",
      resolve: ({ epoch }) => epoch,
    }),
    exercise: t.exposeBoolean("exercise", {
      ...shared,
      description: "True for practice, never to be taken for real.",
    }),
    digestWords: t.stringList({
      ...shared,
      description: "The revision's digest in words, to be compared over a phone before signing.",
      resolve: ({ digest }) => wordsOf(digest),
    }),
    namespace: t.string({
      ...shared,
      description: "The namespace in which it must be signed (PROTOCOL.sshsig).",
      resolve: ({ exercise }) => approvalNamespace(exercise),
    }),
    command: t.string({
      ...shared,
      description:
        "What signs a file of exactly these bytes, once KEY and FILE are put in; the signature is then in FILE.sig.",
      resolve: ({ exercise }) => `ssh-keygen -Y sign -f KEY -n ${approvalNamespace(exercise)} FILE`,
    }),
  }),
});

const EntryStatementRef = builder.objectRef<PreparedEntry>("EntryStatement").implement({
  description:
    "What a reporter signs of one report: sign exactly these bytes, wherever the key is, and give the report with this epoch and the signature.",
  fields: (t) => ({
    text: t.string({
      ...governed,
      description: "The statement: canonical JSON (RFC 8785), without a line feed at the end.",
      resolve: ({ bytes }) => new TextDecoder().decode(bytes),
    }),
    base64: t.field({
      ...governed,
      type: "Base64",
      description: "The same bytes in base64.",
      resolve: ({ bytes }) => Buffer.from(bytes).toString("base64"),
    }),
    observedEpoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch that it names: give it in the report as its `observedEpoch`.",
      resolve: ({ observedEpoch }) => observedEpoch,
    }),
  }),
});

const EntryStatementsRef = builder.objectRef<PreparedEntries>("EntryStatements").implement({
  description: "What a reporter signs of several reports, one by one.",
  fields: (t) => ({
    packet: t.field({
      ...shared,
      type: "UUID",
      nullable: true,
      description:
        "The packet that they name; of one that is to be opened, the id to open it with. Null for reports on shared subjects.",
      resolve: ({ packet }) => packet,
    }),
    exercise: t.exposeBoolean("exercise", {
      ...shared,
      description: "True for practice, never to be taken for real.",
    }),
    statements: t.field({
      ...shared,
      type: [EntryStatementRef],
      description: "In the order of the reports.",
      resolve: ({ entries }) => [...entries],
    }),
    namespace: t.string({
      ...shared,
      description: "The namespace in which they must be signed (PROTOCOL.sshsig).",
      resolve: () => ENTRY_NAMESPACE,
    }),
    command: t.string({
      ...shared,
      description:
        "What signs a file of exactly one statement's bytes, once KEY and FILE are put in; the signature is then in FILE.sig.",
      resolve: () => `ssh-keygen -Y sign -f KEY -n ${ENTRY_NAMESPACE} FILE`,
    }),
  }),
});

/** Adds the queries that give what is to be signed. */
export function addSigningQueries(): void {
  addQuery("entryStatements", {
    description:
      "The exact statements that reports of your own are signed over. It is no report, and does not tell whether they would be accepted.",
    input: EntryPrepareInput,
    payload: EntryStatementsRef,
    refusals: ["InvalidInput", "NotEntitled", "UnknownPacket", "ReportOutOfScope"],
    run: entryPrepare,
  });
  addQuery("approvalStatement", {
    description:
      "The exact statement that a decision on a revision is signed over. It is no decision, and does not tell whether one would be accepted.",
    input: ApprovalPrepareInput,
    payload: ApprovalStatementRef,
    refusals: ["InvalidInput", "NotEntitled", "UnknownPacket", "DigestUnknown"],
    run: approvalPrepare,
  });
}
