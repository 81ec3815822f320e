import { entitle } from "#access/permissions.ts";
import { outOfScope } from "#access/reportScopes.ts";
import type { Actor } from "#packet/actor.ts";
import type { Report } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { PacketId } from "#packet/name.ts";
import { Refusal, UnknownPacket } from "#packet/refusal.ts";
import { EntryPrepare } from "#packet/wish.ts";
import { inputDigest, numberFault, read, within } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { type Reported, reportStatement } from "./signatures.ts";

/** A statement that is ready to be signed, and when it says that the report was so. */
export interface PreparedEntry {
  readonly observedEpoch: Epoch;
  readonly bytes: Uint8Array;
}

/** What a reporter signs of a list of reports, one by one, and the packet that all of it names. */
export interface PreparedEntries {
  /** Of a packet that is to be opened the id to open it with; null for reports on shared subjects. */
  readonly packet: PacketId | null;
  readonly exercise: boolean;
  /** In the order of the reports. */
  readonly entries: readonly PreparedEntry[];
}

/**
 * What a reporter would sign of these reports now, in their own name. It says nothing of whether the
 * reports would be accepted, and records nothing: what comes of it is a text of what was given, which
 * whoever may read packets may have, and only the reporter's key makes more of it.
 */
export async function entryPrepare(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<PreparedEntries | Refusal> {
  const refused = entitle(actor, "packetRead");
  if (refused !== null) return refused;
  const wish = read(EntryPrepare, input);
  if (wish instanceof Refusal) return wish;
  const { about, reportNumber } = wish;
  const fault =
    unlessPlain(inputDigest(wish)) ??
    outOfScope(actor, about.entries, ["about", "entries"]) ??
    numberFault(actor, reportNumber);
  if (fault !== null) return fault;
  const whose = await whoseOf(desk, about);
  if (whose instanceof Refusal) return within(["about"], whose);
  const { epoch, ...named } = whose;
  const reported = { ...named, reportNumber: reportNumber ?? null };
  const reports: readonly Report[] = about.entries;
  return {
    ...named,
    entries: reports.map((report) => {
      const { observedEpoch = epoch } = report;
      const timed = { ...report, observedEpoch };
      return { observedEpoch, bytes: reportStatement(desk, actor, timed, reported) };
    }),
  };
}

type About = EntryPrepare["about"];

function unlessPlain(digest: string | Refusal): Refusal | null {
  return digest instanceof Refusal ? digest : null;
}

/** Which packet is named, and the epoch in which this is asked. */
async function whoseOf(
  { ledger, newId }: Desk,
  about: About,
): Promise<(Pick<Reported, "packet" | "exercise"> & { readonly epoch: Epoch }) | UnknownPacket> {
  if (about.kind === "PACKET") {
    const seen = await ledger.state(about.packet);
    if (seen === null) return new UnknownPacket();
    const { exercise, packet } = seen.state.facts;
    return { packet, exercise, epoch: seen.moment.epoch };
  }
  const { epoch } = await ledger.moment();
  const packet = about.kind === "OPENING" ? newId() : null;
  return { packet, exercise: about.exercise, epoch };
}
