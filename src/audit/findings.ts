import type { PacketId } from "#packet/name.ts";
import { type Finding, type Place, faultText } from "./finding.ts";
import { CouldNotCheck, Unreadable } from "./reading.ts";

/**
 * What was found: of every packet the first fault of its lineage, or else of what is kept beside
 * it; of every other table the first fault; of the schema and the checkpoints all.
 */
export class Findings {
  readonly #found = new Map<string, Finding>();

  /** Keeps a finding, unless an earlier one of the same packet or table is known. */
  add(finding: Finding): void {
    const key = keyOf(finding.place);
    const known = this.#found.get(key);
    if (known === undefined || orderOf(finding) < orderOf(known)) this.#found.set(key, finding);
  }

  /** Where a packet's lineage is known to be wrong; null where it is not. */
  brokenAt(packet: PacketId): number | null {
    return this.#found.get(packet)?.place.revision ?? null;
  }

  /** Whether nothing is known against a packet. */
  isSound(packet: PacketId): boolean {
    return !this.#found.has(packet);
  }

  /** Does what may find rows that cannot be read, which is itself a finding, at this place. */
  async reading(place: Place, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (fault) {
      if (fault instanceof CouldNotCheck) throw fault;
      const kind = fault instanceof Unreadable ? "UNREADABLE" : "FORM";
      this.add({ place, kind, expected: "rows that can be read", found: faultText(fault) });
    }
  }

  /** All findings: packets in order of id among the tables in order of name. */
  list(): readonly Finding[] {
    return [...this.#found]
      .toSorted(([left], [right]) => (left < right ? -1 : Number(left > right)))
      .map(([, finding]) => finding);
  }
}

function keyOf({ table, packet, row }: Place): string {
  if (packet !== undefined) return packet;
  return table === "schema" || table === "checkpoint" ? `${table} ${row ?? ""}` : table;
}

function orderOf({ place }: Finding): number {
  return place.revision ?? Number.POSITIVE_INFINITY;
}
