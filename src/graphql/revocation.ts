import type { PacketImpact } from "#gate/revocationImpact.ts";
import {
  type KeyCutOff,
  type RevocationImpact,
  revocationPreview,
} from "#workflow/revocationPreview.ts";
import { builder, governed, shared } from "./builder.ts";
import { ApprovalStandingRef, PacketStatusRef } from "./enums.ts";
import { ForeseenHoldRef } from "./preview.ts";
import { addQuery } from "./verbs.ts";

const IMPACTS_TOLD_MAX = 1000;

const PacketImpactRef = builder.objectRef<PacketImpact>("PacketImpact").implement({
  description: "What revoking credentials would do to one packet, were it done now.",
  fields: (t) => ({
    packet: t.expose("packet", { ...shared, type: "UUID", description: "The packet." }),
    status: t.field({
      ...shared,
      type: PacketStatusRef,
      description: "Where it would stand.",
      resolve: ({ status }) => status,
    }),
    opened: t.field({
      ...shared,
      type: [ForeseenHoldRef],
      description: "The holds that would open.",
      resolve: ({ opened }) => [...opened],
    }),
    shiftsLosingQuorum: t.stringList({
      ...governed,
      description: "The shifts whose seats could no longer all be filled.",
      resolve: ({ shiftsLosingQuorum }) => [...shiftsLosingQuorum],
    }),
    standingBefore: t.field({
      ...shared,
      nullable: true,
      type: ApprovalStandingRef,
      description: "How its approval stands; null when there is none.",
      resolve: ({ standingBefore }) => standingBefore,
    }),
    standingAfter: t.field({
      ...shared,
      nullable: true,
      type: ApprovalStandingRef,
      description: "How it would stand; null when there would be none.",
      resolve: ({ standingAfter }) => standingAfter,
    }),
    approvalLapses: t.exposeBoolean("approvalLapses", {
      ...shared,
      description: "Whether its approval would lapse for good.",
    }),
    approverCutOff: t.exposeString("approverCutOff", {
      ...governed,
      nullable: true,
      description: "Its owner, if they could no longer decide; null if they could.",
    }),
  }),
});

const KeyCutOffRef = builder.objectRef<KeyCutOff>("KeyCutOff").implement({
  description: "A key that would no longer count.",
  fields: (t) => ({
    fingerprint: t.exposeString("fingerprint", {
      ...governed,
      description: "As `ssh-keygen -l` prints it.",
    }),
    holder: t.exposeString("holder", {
      ...governed,
      nullable: true,
      description: "Whose it is; null where it is listed for nobody.",
    }),
    components: t.stringList({
      ...governed,
      description:
        "Components that trust it, or for which an open packet's rollback scope has a release signed with it. They go on admitting what it signs until a sudden rotation is recorded.",
      resolve: ({ components }) => [...components],
    }),
  }),
});

const RevocationImpactRef = builder.objectRef<RevocationImpact>("RevocationImpact").implement({
  description: "Who would lose what, were these credentials revoked now. Nothing is.",
  fields: (t) => ({
    packets: t.field({
      ...shared,
      type: [PacketImpactRef],
      description: "The open packets that it would change, in order of id: the first 1,000.",
      resolve: ({ packets }) => packets.slice(0, IMPACTS_TOLD_MAX),
    }),
    packetsConcerned: t.int({
      ...shared,
      description: "How many open packets it would change.",
      resolve: ({ packets }) => packets.length,
    }),
    unreadable: t.field({
      ...shared,
      type: ["UUID"],
      description: "Packets of which it cannot be said: their lineage cannot be read.",
      resolve: ({ unreadable }) => [...unreadable],
    }),
    principalsCutOff: t.stringList({
      ...governed,
      description: "People and services who could no longer sign in.",
      resolve: ({ principalsCutOff }) => [...principalsCutOff],
    }),
    keysCutOff: t.field({
      ...shared,
      type: [KeyCutOffRef],
      description: "Keys that would no longer count.",
      resolve: ({ keysCutOff }) => [...keysCutOff],
    }),
    nodesCutOff: t.stringList({
      ...governed,
      description: "Nodes of the service to which the others would give no more lists.",
      resolve: ({ nodesCutOff }) => [...nodesCutOff],
    }),
    refusedHere: t.exposeBoolean("refusedHere", {
      ...shared,
      description: "Whether the node that answers would refuse: its own credential is among them.",
    }),
  }),
});

const RevocationPreviewInput = builder.inputType("RevocationPreviewInput", {
  description: "Credentials to look at as though they were revoked.",
  fields: (t) => ({
    revoked: t.stringList({
      description: "Each as `principal:NAME`, `node:NAME` or `key:SHA256:...`.",
    }),
  }),
});

/** Adds the query that tells what a revocation would do. */
export function addRevocationQueries(): void {
  addQuery("revocationPreview", {
    description:
      "What revoking these credentials would do, before their list is pushed: which shift loses its quorum, which approval lapses, who and which node is cut off. Nothing is recorded.",
    input: RevocationPreviewInput,
    payload: RevocationImpactRef,
    refusals: ["InvalidInput", "NotEntitled"],
    run: revocationPreview,
  });
}
