import type { AllowedSigners } from "#proof/allowedSigners.ts";
import { type Anchor, type AnchorKeys, checkSignatures, compareAnchors } from "./anchors.ts";
import { passOverAnswers } from "./answers.ts";
import { passOverLog } from "./chainPass.ts";
import { readClock } from "./clockSteps.ts";
import { type Finding, faultText } from "./finding.ts";
import { Findings } from "./findings.ts";
import { type Ground, readDeployment, readExtents, readPackets } from "./ground.ts";
import { passOverLineages, readHeads } from "./lineagePass.ts";
import { CouldNotCheck, Reading } from "./reading.ts";
import { checkSchema } from "./schemaCheck.ts";
import { type SignatureCounts, Signatures } from "./signatures.ts";
import { passOverComponents } from "./componentPass.ts";
import { passOverNumbers } from "./numberPass.ts";
import { NumberUses } from "./numberUses.ts";
import { passOverReports } from "./reportPass.ts";
import { passOverPresences } from "./smallTables.ts";
import { SourceShelf } from "./sourceRows.ts";
import { readSources } from "./sourceTable.ts";

/** What to check a database with. */
export interface AuditOptions {
  /** A `postgres://` address. */
  readonly url: string;
  /** Order, digests, links, positions and the root alone; nothing is judged. */
  readonly chainOnly?: boolean;
  /** The deployment that it must be; what the database says of itself where it is null. */
  readonly deployment?: string | null;
  /** Checkpoints that were kept outside the database; without keys for them each is a finding. */
  readonly anchors?: readonly Anchor[];
  readonly keys?: AnchorKeys | null;
  /** Whose keys may have signed what; null where only the signatures themselves are verified. */
  readonly signers?: AllowedSigners | null;
  /** Told how far a pass is, after each page. */
  readonly progress?: (progress: Progress) => void;
}

/** How far one pass is. */
export interface Progress {
  readonly pass: "chain" | "judgement";
  readonly done: number;
  readonly total: number;
}

/** What a check came to. */
export interface AuditResult {
  readonly findings: readonly Finding[];
  /** Why not everything could be checked; null when it was. */
  readonly unchecked: string | null;
  readonly deployment: string;
  readonly packets: number;
  readonly revisions: number;
  /** The signatures under decisions and entries that were verified. */
  readonly signatures: SignatureCounts;
  /** The Merkle log as it was computed again. */
  readonly log: { readonly size: bigint; readonly root: Uint8Array } | null;
}

/**
 * Derives everything that a database says again from its raw rows, in one snapshot that a running
 * service does not disturb. Stops at nothing: the first fault of each packet, and of each table
 * that is no packet's, is found, and others go on.
 */
export async function verifyLineage(options: AuditOptions): Promise<AuditResult> {
  const findings = new Findings();
  const signatures = new Signatures(options.signers ?? null);
  const counts = signatures.counts;
  const result = { deployment: "", packets: 0, revisions: 0, signatures: counts, log: null };
  let reading: Reading | null = null;
  let known: Omit<AuditResult, "findings" | "unchecked"> = result;
  const tell = (now: Partial<typeof known>): void => {
    known = { ...known, ...now };
  };
  try {
    reading = await Reading.open(options.url);
    await audit(reading, findings, signatures, options, tell);
    const { counts } = signatures;
    return { ...known, signatures: counts, findings: findings.list(), unchecked: null };
  } catch (fault) {
    const why = fault instanceof CouldNotCheck ? fault.message : stackOf(fault);
    const { counts } = signatures;
    return { ...known, signatures: counts, findings: findings.list(), unchecked: why };
  } finally {
    await reading?.close();
  }
}

function stackOf(fault: unknown): string {
  return fault instanceof Error ? (fault.stack ?? fault.message) : faultText(fault);
}

async function audit(
  reading: Reading,
  findings: Findings,
  signatures: Signatures,
  options: AuditOptions,
  tell: (now: Partial<Omit<AuditResult, "findings" | "unchecked">>) => void,
): Promise<void> {
  const anchors = checkSignatures(options.anchors ?? [], options.keys ?? null, findings);
  await checkSchema(reading, findings);
  const ground = await readGround(reading, findings, options.deployment ?? null);
  const total = Number(ground.revisions);
  tell({ deployment: ground.deployment, packets: ground.packets.size, revisions: total });
  const progressOf = (pass: Progress["pass"]): ((rows: number) => void) => {
    let done = 0;
    return (rows) => {
      done += rows;
      options.progress?.({ pass, done, total });
    };
  };
  const { totals, chains } = await passOverLog(reading, findings, ground, {
    sizes: anchors.map(({ checkpoint }) => checkpoint.size),
    progress: progressOf("chain"),
  });
  tell({ log: { size: totals.size, root: totals.root() } });
  compareAnchors(anchors, totals, findings);
  if (options.chainOnly === true) return;
  const sources = await readSources(reading, findings, ground.epoch);
  const shelf = new SourceShelf(reading, sources);
  const heads = await readHeads(reading, findings);
  const numbers = new NumberUses();
  const desk = { reading, findings, ground, shelf, chains, heads, signatures, numbers };
  const lineages = await passOverLineages(desk, progressOf("judgement"));
  await passOverReports(reading, findings, ground, signatures);
  await passOverComponents(reading, findings);
  await passOverNumbers(reading, findings, numbers);
  await passOverPresences(reading, findings);
  await passOverAnswers({ reading, findings, lineages, sources, clock: ground });
}

async function readGround(
  reading: Reading,
  findings: Findings,
  pinned: string | null,
): Promise<Ground> {
  const deployment = await readDeployment(reading, findings, pinned);
  const clock = await readClock(reading, findings);
  const packets = await readPackets(reading, findings);
  const extents = await readExtents(reading, findings);
  const revisions = [...extents.values()].reduce((sum, { count }) => sum + count, 0n);
  return { deployment, packets, extents, revisions, ...clock };
}
