import { sha256Hex } from "#proof/digest.ts";
import type { Acknowledged, HttpNode } from "./httpNode.ts";

/** A revision as the API tells it. */
export interface ToldRevision {
  readonly packet: string;
  readonly number: number;
  readonly cause: string;
  readonly status: string;
  readonly openHolds: number;
  readonly digest: string;
  readonly predecessor: string | null;
  readonly materialDigest: string;
  readonly document: string;
  readonly holdChanges: readonly { readonly code: string; readonly transition: string }[];
}

interface LineagePage {
  readonly packet: {
    readonly lineage: {
      readonly nodes: readonly ToldRevision[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    };
  };
}

const PAGE = 500;

/** The packets of a deployment, which are few, by their ids. */
export async function packetsOf(node: HttpNode): Promise<string[]> {
  const { packets } = await node.read<{ packets: { nodes: { packet: string }[] } }>(
    "{ packets(first: 100) { nodes { packet } } }",
  );
  return packets.nodes.map(({ packet }) => packet);
}

/** The whole lineage of a packet, page by page. */
export async function lineageOf(node: HttpNode, packet: string): Promise<ToldRevision[]> {
  const query = `query ($packet: UUID!, $after: String) { packet(packet: $packet) {
    lineage(first: ${PAGE}, after: $after) { pageInfo { hasNextPage endCursor } nodes {
      packet number cause status openHolds digest predecessor materialDigest document
      holdChanges { code transition } } } } }`;
  const found: ToldRevision[] = [];
  for (let after: string | null = null; ;) {
    const page: LineagePage = await node.read<LineagePage>(query, { packet, after });
    const { nodes, pageInfo } = page.packet.lineage;
    found.push(...nodes);
    if (!pageInfo.hasNextPage) return found;
    after = pageInfo.endCursor;
  }
}

/**
 * What is wrong with a lineage as the API tells it: a chain that does not hold, an approval
 * that nobody was told of or that is not there, and one that rules 5.1 and 5.2 forbid.
 */
export function toldFaults(
  lineage: readonly ToldRevision[],
  approvals: readonly Acknowledged[],
): string[] {
  const told = new Map(approvals.map((approval) => [approval.recordedIn, approval]));
  const faults = lineage.flatMap((revision, index) => chainFaults(revision, lineage[index - 1]));
  for (const revision of lineage) {
    if (revision.cause !== "PACKET_APPROVED") continue;
    const named = told.get(revision.number);
    told.delete(revision.number);
    faults.push(...approvalFaults(lineage, revision, named));
  }
  return [...faults, ...[...told.keys()].map((number) => `approval ${number} is not there`)];
}

function chainFaults(revision: ToldRevision, before: ToldRevision | undefined): string[] {
  const { packet, number, predecessor, digest, document } = revision;
  const isLinked = number === (before?.number ?? 0) + 1 && predecessor === (before?.digest ?? null);
  const isOwn = sha256Hex(document) === digest;
  return [
    ...(isLinked ? [] : [`${packet} ${number} does not follow the one before it`]),
    ...(isOwn ? [] : [`${packet} ${number} has another document's digest`]),
  ];
}

function approvalFaults(
  lineage: readonly ToldRevision[],
  { packet, number }: ToldRevision,
  named: Acknowledged | undefined,
): string[] {
  const at = `${packet} ${number}`;
  if (named === undefined) return [`${at} is an approval that nobody was told of`];
  const before = lineage[number - 2];
  const approved = lineage[named.revision - 1];
  const overtaking = lineage
    .slice(named.revision, number - 1)
    .filter(
      ({ materialDigest, openHolds, holdChanges }) =>
        openHolds > 0 ||
        materialDigest !== approved?.materialDigest ||
        holdChanges.some(({ transition }) => transition === "OPENED"),
    );
  return [
    ...(approved?.digest === named.digest ? [] : [`${at} approves another digest`]),
    ...(before?.status === "READY_FOR_APPROVAL" ? [] : [`${at} follows ${before?.status}`]),
    ...(before?.openHolds === 0 ? [] : [`${at} follows ${before?.openHolds} open holds`]),
    ...overtaking.map((one) => `${at} follows ${one.number}, which overtook ${named.revision}`),
  ];
}
