import type { PacketId } from "#packet/name.ts";
import { type SharedSubject, rememberedAs, subjectKey } from "#gate/dependencies.ts";
import type { Findings } from "./findings.ts";
import type { Reading } from "./reading.ts";
import { arrayText } from "./reports.ts";

/** Packets compared by one question. */
const PAGE = 500;

/** Compares where the ledger looks for dependent packets with what their lineages say. */
export class DependencyCheck {
  readonly #reading: Reading;
  readonly #findings: Findings;
  readonly #waiting = new Map<PacketId, ReadonlyMap<string, SharedSubject>>();

  constructor(reading: Reading, findings: Findings) {
    this.#reading = reading;
    this.#findings = findings;
  }

  /** Takes what a packet ever depended on; null where that is not known. */
  async add(packet: PacketId, subjects: ReadonlyMap<string, SharedSubject> | null): Promise<void> {
    if (subjects === null) return;
    this.#waiting.set(packet, subjects);
    if (this.#waiting.size >= PAGE) await this.end();
  }

  /** Compares what is left. */
  async end(): Promise<void> {
    const waiting = new Map(this.#waiting);
    this.#waiting.clear();
    if (waiting.size === 0) return;
    await this.#findings.reading({ table: "packet_dependency" }, async () => {
      const found = new Map<PacketId, Set<string>>();
      const list = arrayText([...waiting.keys()]);
      const rows = await this.#reading.rows<SharedSubject & { packet: PacketId }>(
        (sql) => sql`
          SELECT packet, kind, name FROM public.packet_dependency
          WHERE packet = ANY(${list}::uuid[])`,
      );
      for (const row of rows) {
        const own = found.get(row.packet) ?? new Set();
        found.set(row.packet, own.add(subjectKey(row)));
      }
      for (const [packet, subjects] of waiting) {
        const expected = [...subjects.values()].map((subject) => subjectKey(rememberedAs(subject)));
        this.#compare(packet, new Set(expected), found.get(packet) ?? new Set());
      }
    });
  }

  #compare(packet: PacketId, expected: ReadonlySet<string>, found: ReadonlySet<string>): void {
    const place = { table: "packet_dependency", packet };
    const missing = [...expected].find((subject) => !found.has(subject));
    const extra = [...found].find((subject) => !expected.has(subject));
    if (missing !== undefined) {
      this.#findings.add({ place, kind: "MISSING", expected: missing, found: "nothing" });
    } else if (extra !== undefined) {
      const nothing = "only what the packet ever depended on";
      this.#findings.add({ place, kind: "EXTRA", expected: nothing, found: extra });
    }
  }
}
