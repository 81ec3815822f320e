import type { Approval } from "#packet/approval.ts";
import type { Gate } from "#workflow/gateRead.ts";
import { gateStatement } from "#gate/statement.ts";
import { gateStatementText } from "#proof/gateStatement.ts";
import { builder, governed, shared } from "../builder.ts";
import { ApprovalStandingRef, GateReasonRef, GateStatusRef } from "../enums.ts";
import { DecisionSignatureRef } from "./signature.ts";

export const ApprovalRef = builder.objectRef<Approval>("Approval").implement({
  description: "The owner's recorded decision on one exact revision.",
  fields: (t) => ({
    revision: t.exposeInt("revision", {
      ...shared,
      description: "The revision that was approved.",
    }),
    digest: t.field({
      ...shared,
      type: "RevisionDigest",
      description: "Its digest, as the owner named it.",
      resolve: ({ digest }) => digest,
    }),
    recordedIn: t.exposeInt("recordedIn", {
      ...shared,
      description: "The revision that records the approval.",
    }),
    approvedBy: t.exposeString("approvedBy", { ...governed, description: "Who approved." }),
    approvedEpoch: t.field({
      ...shared,
      type: "Epoch",
      description: "When.",
      resolve: ({ approvedEpoch }) => approvedEpoch,
    }),
    signature: t.field({
      ...shared,
      nullable: true,
      type: DecisionSignatureRef,
      description: "The owner's signature under it; null for an approval without one.",
      resolve: ({ revision, digest, signature }) =>
        signature === undefined ? null : { revision, digest, ...signature },
    }),
    standing: t.field({
      ...shared,
      type: ApprovalStandingRef,
      description: "How it stands.",
      resolve: ({ standing }) => standing,
    }),
    materialDigest: t.field({
      ...shared,
      type: "RevisionDigest",
      description: "The material that it covers (rule 5.4).",
      resolve: ({ materialDigest }) => materialDigest,
    }),
  }),
});

export const GateRef = builder.objectRef<Gate>("Gate").implement({
  description:
    "What downstream asks (rule 5.7). OPEN lasts by itself through `validThroughEpoch`; past that, or unreadable, it means CLOSED.",
  fields: (t) => ({
    packet: t.field({
      ...shared,
      type: "UUID",
      description: "The packet.",
      resolve: ({ packet }) => packet,
    }),
    status: t.field({
      ...shared,
      type: GateStatusRef,
      description: "OPEN or CLOSED.",
      resolve: ({ status }) => status,
    }),
    reasons: t.field({
      ...shared,
      type: [GateReasonRef],
      description: "Every reason why it is CLOSED; none when it is OPEN.",
      resolve: ({ reasons }) => [...reasons],
    }),
    epoch: t.field({
      ...shared,
      type: "Epoch",
      description: "The epoch at which this was judged.",
      resolve: ({ epoch }) => epoch,
    }),
    validThroughEpoch: t.field({
      ...shared,
      nullable: true,
      type: "Epoch",
      description: "The last epoch through which OPEN lasts by itself; null when it is CLOSED.",
      resolve: ({ validThroughEpoch }) => validThroughEpoch,
    }),
    statement: t.string({
      ...shared,
      nullable: true,
      description:
        "A signed note (C2SP) that says so, to be carried where nobody can ask; null when it is CLOSED. Past its `validThroughEpoch`, or unreadable, it means CLOSED.",
      resolve(gate, _args, { desk, notary }) {
        const { packet, rests } = gate;
        if (rests === null) return null;
        const { deployment } = desk.ledger;
        const statement = gateStatement(gate, { ...rests, deployment, packet });
        return statement === null ? null : notary.sign(gateStatementText(statement));
      },
    }),
    exercise: t.boolean({
      ...shared,
      nullable: true,
      description:
        "True for a packet that is practice, never to be taken for real; null when it is unreadable.",
      resolve: ({ rests }) => rests?.exercise ?? null,
    }),
    revision: t.int({
      ...shared,
      nullable: true,
      description: "The revision that the answer rests on; null when it is unreadable.",
      resolve: ({ rests }) => rests?.revision ?? null,
    }),
    digest: t.field({
      ...shared,
      nullable: true,
      type: "RevisionDigest",
      description: "That revision's digest; null when it is unreadable.",
      resolve: ({ rests }) => rests?.digest ?? null,
    }),
    materialDigest: t.field({
      ...shared,
      nullable: true,
      type: "RevisionDigest",
      description: "That revision's material; null when it is unreadable.",
      resolve: ({ rests }) => rests?.materialDigest ?? null,
    }),
    approval: t.field({
      ...shared,
      nullable: true,
      type: ApprovalRef,
      description: "The approval, however it stands; null when there is none.",
      resolve: ({ rests }) => rests?.approval ?? null,
    }),
  }),
});
