import type { Event } from "../streams/inbox.ts";
import type { Dashboard } from "./dashboard.ts";
import type { TrueRevision, Truth } from "./truth.ts";

interface Told {
  readonly head?: string;
  readonly revision?: Named;
  readonly change?: { readonly code: string; readonly transition: string; readonly count: number };
  readonly packet?: { readonly packet: string; readonly revision: number; readonly digest: string };
  readonly gate?: {
    readonly packet: string;
    readonly revision: number | null;
    readonly digest: string | null;
  };
}

interface Named {
  readonly packet: string;
  readonly number: number;
  readonly digest: string;
}

/** One event that must come, and where in its stream it stands. */
interface Due {
  readonly at: bigint;
  readonly text: string;
}

const FAULTS_SHOWN = 5;

/** Of many faults the first ones say enough. */
export function firstOf(faults: readonly string[]): readonly string[] {
  return faults.length <= FAULTS_SHOWN
    ? faults
    : [...faults.slice(0, FAULTS_SHOWN), `and ${faults.length - FAULTS_SHOWN} more`];
}

/** How far a dashboard must have been told: to the end, or to wherever it was let go. */
export type Extent = "ALL" | "BEGINNING";

/**
 * What is wrong with what one dashboard was told, by what the database has in the end: an event
 * lost, doubled, foreign or out of order (I9), one that was never committed or was told with
 * another digest (I11), a heartbeat that says that nothing is missing where something is.
 */
export function seenFaults(dashboard: Dashboard, truth: Truth, extent: Extent = "ALL"): string[] {
  const { watched } = dashboard.showing;
  const faults =
    watched === "GATE" ? gateFaults(dashboard, truth) : streamFaults(dashboard, truth, extent);
  return [...dashboard.faults, ...faults].map((fault) => `${dashboard.name}: ${fault}`);
}

function streamFaults({ showing, told }: Dashboard, truth: Truth, extent: Extent): string[] {
  const [first, ...rest] = told as readonly (Event & Told)[];
  if (first === undefined) return ["it was told nothing"];
  const start = startOf(first);
  const own = truth.packets.get(showing.packet) ?? [];
  const faults = first.packet === undefined ? [] : namedFaults(truth, snapshotName(first.packet));
  const lineage = showing.watched === "ALL_HOLD_CHANGES" ? truth.log : own;
  const isWhole = showing.watched.startsWith("REVISIONS");
  const placeOf = (revision: TrueRevision): bigint =>
    showing.watched === "ALL_HOLD_CHANGES" ? revision.position : BigInt(revision.number);
  const due = lineage
    .filter((revision) => placeOf(revision) > (start ?? 0n))
    .flatMap((revision) => dueOf(revision, placeOf(revision), isWhole));
  const last = lineage.at(-1);
  const end = last === undefined ? 0n : placeOf(last);
  // One that was put up while the world moved may begin with what moved.
  let next = start === null ? due.findIndex(({ text }) => text === textOf(first)) : 0;
  if (next === -1) return [`it began with ${JSON.stringify(first)}, which there is not`];
  for (const [index, event] of (start === null ? [first, ...rest] : rest).entries()) {
    const fault = faultOf(event, { due, next, end });
    if (fault !== null) return [...faults, `event ${index} after its first: ${fault}`];
    if (event.revision !== undefined) next += 1;
  }
  const missing = due[next];
  if (extent === "BEGINNING" || missing === undefined) return faults;
  return [...faults, `${due.length - next} were lost at the end, from ${missing.text} on`];
}

/** The position after which a stream tells everything; null if its first event does not say. */
function startOf({ head, packet }: Told): bigint | null {
  if (packet !== undefined) return BigInt(packet.revision);
  return head === undefined ? null : BigInt(head);
}

function dueOf(revision: TrueRevision, at: bigint, isWhole: boolean): Due[] {
  if (isWhole) return [{ at, text: nameOf(revision) }];
  return revision.changes.map((change) => ({ at, text: `${nameOf(revision)} ${change}` }));
}

function nameOf({ packet, number, digest }: Named): string {
  return `${packet} ${number} ${digest}`;
}

interface Progress {
  readonly due: readonly Due[];
  readonly next: number;
  /** The newest position that there is. */
  readonly end: bigint;
}

function textOf({ revision, change }: Told): string | null {
  if (revision === undefined) return null;
  if (change === undefined) return nameOf(revision);
  return `${nameOf(revision)} ${change.transition} ${change.code} ${change.count}`;
}

function faultOf(event: Event & Told, { due, next, end }: Progress): string | null {
  const { kind, head } = event;
  if (head !== undefined) {
    const at = BigInt(head);
    const passed = due[next];
    if (at > end) return `it was told of a head ${head} that there is not`;
    if (passed !== undefined && passed.at <= at) return `head ${head}, but not ${passed.text}`;
    const before = due[next - 1];
    return before !== undefined && before.at > at ? `head ${head} after ${before.text}` : null;
  }
  const text = textOf(event);
  if (text === null) return `a ${kind}, which nobody asked for`;
  const expected = due[next]?.text ?? "nothing";
  return text === expected ? null : `${text} instead of ${expected}`;
}

function snapshotName({ packet, revision, digest }: NonNullable<Told["packet"]>): Named {
  return { packet, number: revision, digest };
}

/** A gate may pass over answers; it never goes back, and tells of nothing that is not there. */
function gateFaults({ showing, told }: Dashboard, truth: Truth): string[] {
  const faults: string[] = [];
  let newest = 0;
  for (const { head, gate } of told as readonly (Event & Told)[]) {
    const number = gate?.revision ?? (head === undefined ? newest : Number(head));
    if (number < newest) faults.push(`its gate went back from ${newest} to ${number}`);
    newest = number;
    if (gate === undefined || gate.revision === null) continue;
    const { packet, revision, digest } = gate;
    if (packet !== showing.packet) faults.push(`it was told of the gate of ${packet}`);
    faults.push(...namedFaults(truth, { packet, number: revision, digest: digest ?? "" }));
  }
  return faults;
}

function namedFaults({ packets }: Truth, named: Named): string[] {
  const { packet, number, digest } = named;
  const found = packets.get(packet)?.[number - 1];
  return found?.digest === digest ? [] : [`${nameOf(named)} is not in the database`];
}

/**
 * Everything that a dashboard was told of revisions that were committed after its reader lost
 * their rights (I13), heads included; `heads` are the packets' then, `position` is the log's.
 */
export function toldAfter(
  { showing, told, name }: Dashboard,
  heads: ReadonlyMap<string, number>,
  position: bigint,
): string[] {
  return (told as readonly (Event & Told)[]).flatMap((event) => {
    const { head, revision, packet, gate } = event;
    const isOfAll = showing.watched === "ALL_HOLD_CHANGES";
    const headMax = isOfAll ? position : BigInt(heads.get(showing.packet) ?? 0);
    const number = revision?.number ?? packet?.revision ?? gate?.revision ?? 0;
    const known = heads.get(revision?.packet ?? showing.packet) ?? 0;
    const isLate = number > known || (head !== undefined && BigInt(head) > headMax);
    return isLate ? [`${name} was still told ${JSON.stringify(event)}`] : [];
  });
}
