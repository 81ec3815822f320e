import { z } from "zod";
import { ApprovalStanding, GateReason, GateStatus, PacketStatus } from "#packet/approval.ts";
import { Epoch } from "#packet/epoch.ts";
import { AdvisoryCode, HoldCode, HoldStatus } from "#packet/hold.ts";
import { Id, Name, RevisionDigest, compareNames } from "#packet/name.ts";
import { SourceKind } from "#packet/source.ts";

/** As many elements as a page may have. */
const PAGE = 500;
const PAGE_INFO = "pageInfo { hasNextPage endCursor }";

/** A connection's page of such elements. */
function pageOf<S extends z.ZodType>(node: S) {
  return z.object({
    edges: z.array(z.object({ node })),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
  });
}

/** What is asked of one packet, which must be there. */
function ofPacket<S extends z.ZodRawShape>(shape: S) {
  return z.object({ packet: z.object(shape) });
}

const HoldTold = z.object({ code: HoldCode, subject: z.string() });

/** The packet as it stands now. */
export const STANDING = {
  query: `query ($packet: UUID!) {
    packet(packet: $packet) { revision status openHolds approval { standing } }
  }`,
  shape: ofPacket({
    revision: z.int(),
    status: PacketStatus,
    openHolds: z.int(),
    approval: z.object({ standing: ApprovalStanding }).nullable(),
  }),
};

const RegisterHold = z.object({
  ...HoldTold.shape,
  status: HoldStatus,
  evidence: z.array(Id),
  ordinal: z.int(),
  sinceRevision: z.int(),
  endedRevision: z.int().nullable(),
});

/** A page of the hold register; of every status where none is given. */
export const HOLDS = {
  query: `query ($packet: UUID!, $status: HoldStatus, $after: String) {
    packet(packet: $packet) {
      page: holds(first: ${PAGE}, status: $status, after: $after) {
        edges { node { code subject status evidence ordinal sinceRevision endedRevision } } ${PAGE_INFO}
      }
    }
  }`,
  shape: ofPacket({ page: pageOf(RegisterHold) }),
};

/** A page of the advisories. */
export const ADVISORIES = {
  query: `query ($packet: UUID!, $after: String) {
    packet(packet: $packet) {
      page: advisories(first: ${PAGE}, after: $after) { edges { node { code } } ${PAGE_INFO} }
    }
  }`,
  shape: ofPacket({ page: pageOf(z.object({ code: AdvisoryCode })) }),
};

/** The API's own order tells nothing of names; whoever reads them wants that of names. */
function byName<T extends { readonly code: string; readonly subject: string }>(
  holds: readonly T[],
): T[] {
  return holds.toSorted((left, right) =>
    compareNames(`${left.code} ${left.subject}`, `${right.code} ${right.subject}`),
  );
}

/** Readiness over time. */
export const EARLIEST_LAPSE = {
  query: `query ($packet: UUID!) {
    packet(packet: $packet) {
      openHolds
      earliestLapse { epoch renewFirst revision { opened { code subject why } } }
    }
  }`,
  shape: ofPacket({
    openHolds: z.int(),
    earliestLapse: z
      .object({
        epoch: Epoch,
        renewFirst: z.array(Id),
        revision: z.object({
          opened: z.array(z.object({ ...HoldTold.shape, why: z.string() })).transform(byName),
        }),
      })
      .nullable(),
  }),
};

/** Quorum arithmetic. */
export const SHIFT_QUORUMS = {
  query: `query ($packet: UUID!) {
    packet(packet: $packet) {
      shiftQuorums { shift people absencesSurvived breakingAbsences }
    }
  }`,
  shape: ofPacket({
    shiftQuorums: z.array(
      z.object({
        shift: Name,
        people: z.int(),
        absencesSurvived: z.int(),
        breakingAbsences: z.array(Name),
      }),
    ),
  }),
};

const VersionChange = z.object({ kind: SourceKind, from: z.int(), to: z.int() });

/** What the owner has to look at anew. */
export const REVIEW = {
  query: `query ($packet: UUID!) {
    packet(packet: $packet) {
      review {
        sinceRevision material
        sources { kind from to } bindings { kind from to } loosened { field }
      }
    }
  }`,
  shape: ofPacket({
    review: z.object({
      sinceRevision: z.int(),
      material: z.array(z.string()),
      sources: z.array(VersionChange),
      bindings: z.array(VersionChange),
      loosened: z.array(z.object({ field: z.string() })),
    }),
  }),
};

/** The bounded mismatches, of which the rehearsal has few. */
export const ESCALATIONS = {
  query: `query ($packet: UUID!) {
    packet(packet: $packet) {
      escalations { edges { node { source bound accepted authority hold { code } } } }
    }
  }`,
  shape: ofPacket({
    escalations: z.object({
      edges: z.array(
        z.object({
          node: z.object({
            source: SourceKind,
            bound: z.int().nullable(),
            accepted: z.int(),
            authority: Name,
            hold: z.object({ code: HoldCode }),
          }),
        }),
      ),
    }),
  }),
};

/** The gate, as downstream asks it. */
export const GATE = {
  query: `query ($packet: UUID!) {
    gate(packet: $packet) {
      packet status reasons epoch validThroughEpoch revision digest materialDigest
    }
  }`,
  shape: z.object({
    gate: z.object({
      packet: Id,
      status: GateStatus,
      reasons: z.array(GateReason),
      epoch: Epoch,
      validThroughEpoch: Epoch.nullable(),
      revision: z.int().nullable(),
      digest: RevisionDigest.nullable(),
      materialDigest: RevisionDigest.nullable(),
    }),
  }),
};

const FORESEEN = "{ code subject }";

/** What a change would do. */
export const CHANGE_PREVIEW = {
  operation: "query",
  field: "changePreview",
  input: "ChangePreviewInput",
  payload: "Preview",
  selection: `status standingBefore standingAfter
    opened ${FORESEEN} cleared ${FORESEEN} outOfScope ${FORESEEN}`,
  shape: z.object({
    status: PacketStatus,
    standingBefore: ApprovalStanding.nullable(),
    standingAfter: ApprovalStanding.nullable(),
    opened: z.array(HoldTold),
    cleared: z.array(HoldTold),
    outOfScope: z.array(HoldTold),
  }),
} as const;

const CHANGED = `code transition count
  holds(first: ${PAGE}) { edges { node { subject } } pageInfo { hasNextPage } }`;

const REVISION = `packet number digest digestWords predecessor document materialDigest
  cause actor epoch status holdChanges { ${CHANGED} }`;

const HoldChange = z.object({
  code: HoldCode,
  transition: z.enum(["OPENED", "CLEARED", "OUT_OF_SCOPE"]),
  count: z.int(),
  holds: z.object({
    edges: z
      .array(z.object({ node: z.object({ subject: z.string() }) }))
      .transform((edges) =>
        edges.toSorted((left, right) => compareNames(left.node.subject, right.node.subject)),
      ),
  }),
});
export type HoldChangeTold = z.output<typeof HoldChange>;

const Revision = z.object({
  packet: Id,
  number: z.int(),
  digest: RevisionDigest,
  digestWords: z.array(z.string()),
  predecessor: RevisionDigest.nullable(),
  document: z.string(),
  materialDigest: RevisionDigest,
  cause: z.string(),
  actor: Name,
  epoch: Epoch,
  status: PacketStatus,
  holdChanges: z.array(HoldChange),
});
/** A revision as the API tells it. */
export type RevisionAnswer = z.output<typeof Revision>;

const Heartbeat = z.object({ kind: z.literal("Heartbeat") });

/** Every revision, from when it is asked on. */
export const FOLLOW_REVISIONS = {
  query: `subscription ($packet: UUID!) {
    event: revisions(packet: $packet) {
      kind: __typename
      ... on RevisionEvent { revision { ${REVISION} } }
    }
  }`,
  shape: z.object({
    event: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("RevisionEvent"), revision: Revision }),
      Heartbeat,
    ]),
  }),
};

/** The register as it is, then every change of it. */
export const FOLLOW_REGISTER = {
  query: `subscription ($packet: UUID!) {
    event: register(packet: $packet) {
      kind: __typename
      ... on RegisterSnapshot { packet { revision currentRevision { ${REVISION} } } }
      ... on HoldsChanged { revision { number } change { ${CHANGED} } }
    }
  }`,
  shape: z.object({
    event: z.discriminatedUnion("kind", [
      z.object({
        kind: z.literal("RegisterSnapshot"),
        packet: z.object({ revision: z.int(), currentRevision: Revision }),
      }),
      z.object({
        kind: z.literal("HoldsChanged"),
        revision: z.object({ number: z.int() }),
        change: HoldChange,
      }),
      Heartbeat,
    ]),
  }),
};
