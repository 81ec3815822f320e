import type { Name } from "#packet/name.ts";
import type { ApprovalLane, SourceContent } from "#packet/source.ts";
import { sha256 } from "#proof/digest.ts";
import { sourceDigest } from "#ledger/bytes.ts";
import { timeText } from "./copies.ts";
import { type Finding, type FindingKind, faultText } from "./finding.ts";
import type { Findings } from "./findings.ts";
import type { Reading } from "./reading.ts";
import { unprovenInSource } from "./releases.ts";
import { type SourceRow, readContent, sourceKey } from "./sourceRows.ts";

interface WholeSource extends Omit<SourceRow, "digest"> {
  readonly exercise: boolean;
  readonly train: Name;
  readonly digest: Uint8Array;
  readonly content: Uint8Array;
}

interface Proposal {
  readonly id: string;
  readonly exercise: boolean;
  readonly train: Name;
  readonly digest: Uint8Array;
  readonly content: Uint8Array;
  readonly proposedBy: Name;
  readonly proposedEpoch: bigint;
  readonly proposedAt: Date;
}

/** Rules 2.1 and 3.3: every accepted version, and every lane that was proposed. */
export async function readSources(
  reading: Reading,
  findings: Findings,
  epoch: bigint,
): Promise<ReadonlyMap<string, SourceRow>> {
  const rows = new Map<string, SourceRow>();
  const proposals = await readProposals(reading, findings, epoch);
  const lanes = new Map<string, ApprovalLane[]>();
  const confirmed = new Set<string>();
  await findings.reading({ table: "source" }, async () => {
    // The lanes first: they name who may accept the others.
    const pages = reading.stream<WholeSource>(
      (sql) => sql`
        SELECT exercise, train, kind, version, digest, content, accepted_by AS "acceptedBy",
          proposed_by AS "proposedBy", proposal, accepted_epoch AS "acceptedEpoch",
          accepted_at AS "acceptedAt"
        FROM public.source ORDER BY exercise, train, kind, version`,
    );
    let before: WholeSource | null = null;
    for await (const page of pages) {
      for (const row of page) {
        const fault =
          versionFault(before, row) ??
          contentFault(row, lanes, epoch) ??
          proposalFault(row, proposals, confirmed);
        if (fault !== null) findings.add(fault);
        rows.set(sourceKey(row, row), receiptOf(row));
        before = row;
      }
    }
  });
  return rows;
}

function receiptOf(row: WholeSource): SourceRow {
  const { kind, version, digest, acceptedBy, proposedBy, acceptedEpoch } = row;
  const { proposal, acceptedAt } = row;
  const text = sourceDigest(digest);
  return {
    kind,
    version,
    digest: text,
    acceptedBy,
    proposedBy,
    acceptedEpoch,
    proposal,
    acceptedAt,
  };
}

function found(
  row: WholeSource,
  kind: FindingKind,
  column: string,
  expected: unknown,
  what: unknown,
): Finding {
  const place = {
    table: "source",
    row: `${row.exercise ? "exercise of " : ""}${row.train}, ${row.kind} version ${row.version}`,
    column,
  };
  return { place, kind, expected: String(expected), found: String(what) };
}

function versionFault(before: WholeSource | null, row: WholeSource): Finding | null {
  const isNext =
    before?.exercise === row.exercise && before.train === row.train && before.kind === row.kind;
  const version = isNext ? before.version + 1 : 1;
  if (row.version !== version) return found(row, "GAP", "version", version, row.version);
  if (!isNext || row.acceptedEpoch >= before.acceptedEpoch) return null;
  const least = `at least ${before.acceptedEpoch}`;
  return found(row, "ORDER", "accepted_epoch", least, row.acceptedEpoch);
}

function contentFault(
  row: WholeSource,
  lanes: Map<string, ApprovalLane[]>,
  epoch: bigint,
): Finding | null {
  const digest = sha256(row.content);
  if (Buffer.compare(digest, row.digest) !== 0) {
    return found(row, "DIGEST", "digest", sourceDigest(digest), sourceDigest(row.digest));
  }
  if (row.acceptedEpoch > epoch) {
    return found(row, "ORDER", "accepted_epoch", `at most ${epoch}`, row.acceptedEpoch);
  }
  if (Number.isNaN(row.acceptedAt.getTime())) {
    return found(row, "FORM", "accepted_at", "a time", "none");
  }
  try {
    const content = readContent(row.content);
    if (content.kind !== row.kind) return found(row, "VALUE", "kind", content.kind, row.kind);
    const train = `${row.exercise} ${row.train}`;
    if (content.kind === "APPROVAL_LANE") {
      lanes.set(train, [...(lanes.get(train) ?? []), content]);
      return laneFault(row, content);
    }
    return authorityFault(row, lanes.get(train) ?? []) ?? unprovenFault(row, content);
  } catch (fault) {
    return found(row, "FORM", "content", `a ${row.kind}`, faultText(fault));
  }
}

/** Rule 4.1.4: who is said to have signed a release, signed it. */
function unprovenFault(row: WholeSource, content: SourceContent): Finding | null {
  const unproven = unprovenInSource(content);
  if (unproven === null) return null;
  const { member, expected, found: what } = unproven;
  return found(row, "SIGNATURE", `content.${member}`, expected, what);
}

/** Rule 2.1: one proposes, another confirms, neither of them the owner. */
function laneFault(row: WholeSource, { owner }: ApprovalLane): Finding | null {
  const { acceptedBy, proposedBy } = row;
  const isByTwo =
    proposedBy !== null &&
    proposedBy !== acceptedBy &&
    proposedBy !== owner &&
    acceptedBy !== owner;
  if (isByTwo) return null;
  const expected = `two people beside the owner ${owner}`;
  return found(row, "ENTITLEMENT", "accepted_by", expected, `${proposedBy} and ${acceptedBy}`);
}

/** Rule 2.1. Which lane stood when is told by a lineage; here it must have been one of the train's. */
function authorityFault(row: WholeSource, lanes: readonly ApprovalLane[]): Finding | null {
  if (row.proposedBy !== null) {
    return found(row, "VALUE", "proposed_by", "nobody", row.proposedBy);
  }
  const named = lanes.flatMap((lane) => lane.authorities).filter(({ kind }) => kind === row.kind);
  if (named.some(({ authority }) => authority === row.acceptedBy)) return null;
  const expected = [...new Set(named.map(({ authority }) => authority))].join(" or ") || "a lane";
  return found(row, "ENTITLEMENT", "accepted_by", expected, row.acceptedBy);
}

function proposalFault(
  row: WholeSource,
  proposals: ReadonlyMap<string, Proposal>,
  confirmed: Set<string>,
): Finding | null {
  if (row.proposal === null) {
    if (row.kind !== "APPROVAL_LANE") return null;
    // A lane that was proposed here in the same words, and is confirmed by nothing else.
    const own = [...proposals.values()].find(
      (each) => isOfLane(each, row) && !confirmed.has(each.id) && each.proposedAt <= row.acceptedAt,
    );
    return own === undefined ? null : found(row, "MISSING", "proposal", own.id, "none");
  }
  const proposal = proposals.get(row.proposal);
  if (proposal === undefined) return found(row, "MISSING", "proposal", row.proposal, "none");
  if (confirmed.has(row.proposal)) {
    return found(row, "EXTRA", "proposal", "one confirmation of each", row.proposal);
  }
  confirmed.add(row.proposal);
  const isThen = proposal.proposedEpoch <= row.acceptedEpoch;
  if (isOfLane(proposal, row) && isThen) return null;
  const expected = `${proposal.proposedBy}'s ${sourceDigest(proposal.digest)} of ${proposal.train} by epoch ${proposal.proposedEpoch}`;
  return found(
    row,
    "VALUE",
    "proposal",
    expected,
    `${row.proposedBy}'s at epoch ${row.acceptedEpoch}`,
  );
}

function isOfLane(proposal: Proposal, row: WholeSource): boolean {
  return (
    proposal.exercise === row.exercise &&
    proposal.train === row.train &&
    proposal.proposedBy === row.proposedBy &&
    Buffer.compare(proposal.digest, row.digest) === 0
  );
}

async function readProposals(
  reading: Reading,
  findings: Findings,
  epoch: bigint,
): Promise<ReadonlyMap<string, Proposal>> {
  const proposals = new Map<string, Proposal>();
  await findings.reading({ table: "lane_proposal" }, async () => {
    const rows = await reading.rows<Proposal>(
      (sql) => sql`
        SELECT id, exercise, train, digest, content, proposed_by AS "proposedBy",
          proposed_epoch AS "proposedEpoch", proposed_at AS "proposedAt"
        FROM public.lane_proposal`,
    );
    for (const row of rows) {
      proposals.set(row.id, row);
      const fault = laneProposalFault(row, epoch);
      if (fault === null) continue;
      const [kind, column, expected, what] = fault;
      const place = { table: "lane_proposal", row: row.id, column };
      findings.add({ place, kind, expected, found: what });
    }
  });
  return proposals;
}

function laneProposalFault(
  row: Proposal,
  epoch: bigint,
): readonly [FindingKind, string, string, string] | null {
  const digest = sourceDigest(sha256(row.content));
  if (digest !== sourceDigest(row.digest)) {
    return ["DIGEST", "digest", digest, sourceDigest(row.digest)];
  }
  if (row.proposedEpoch > epoch || row.proposedEpoch < 0n) {
    return ["ORDER", "proposed_epoch", `at most ${epoch}`, String(row.proposedEpoch)];
  }
  if (timeText(row.proposedAt) === "no time") return ["FORM", "proposed_at", "a time", "none"];
  try {
    const lane = readContent(row.content);
    if (lane.kind !== "APPROVAL_LANE") return ["VALUE", "content", "a lane", lane.kind];
    if (lane.owner !== row.proposedBy) return null;
    return ["ENTITLEMENT", "proposed_by", "anybody but the owner", lane.owner];
  } catch (fault) {
    return ["FORM", "content", "a lane", faultText(fault)];
  }
}
