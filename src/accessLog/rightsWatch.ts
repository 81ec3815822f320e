import type { AccessEvent, AccessLog } from "#packet/accessEvent.ts";
import type { Name } from "#packet/name.ts";
import type { RecordReader } from "./readRecords.ts";

/** What somebody may do, or a key stands for: words in order, such as roles or fingerprints. */
export interface HeldRights {
  /** Null for what concerns no one person. */
  readonly actor: Name | null;
  /** Tells apart what one person holds in several ways; absent where there is one. */
  readonly subject?: string;
  readonly rights: readonly string[];
}

/** What a watch compares, and where it says what changed. */
export interface RightsWatchOptions {
  readonly code: "ROLES_CHANGED" | "KEYS_CHANGED";
  /** Everything that is held as of now; null while that is not known. Given the very same again, nothing is compared. */
  readonly held: () => Promise<readonly HeldRights[] | null>;
  readonly reader: Pick<RecordReader, "lastRights">;
  readonly access: AccessLog;
}

/**
 * Records what changed of roles or keys since they were last recorded, by whichever node and
 * before whatever restart: what is held is compared with the records, never with a memory.
 */
export class RightsWatch {
  readonly #options: RightsWatchOptions;
  /** What was compared last, as it was given and as a text. */
  #given: readonly HeldRights[] | null = null;
  #compared: string | null = null;

  constructor(options: RightsWatchOptions) {
    this.#options = options;
  }

  /** Compares where something may have changed; resolves to how many changes it recorded, null where nothing had to be looked at. */
  async look(): Promise<number | null> {
    const { code, held, reader, access } = this.#options;
    const present = await held();
    if (present === null || present === this.#given) return null;
    const text = JSON.stringify(present);
    if (text === this.#compared) return null;
    const recorded = await reader.lastRights(code);
    const before = new Map(recorded.map((one) => [keyOf(one), one]));
    const now = new Map(present.map((one) => [keyOf(one), one]));
    const events: AccessEvent[] = [];
    for (const key of new Set([...before.keys(), ...now.keys()])) {
      const [was, is] = [before.get(key), now.get(key)];
      const change = { before: was?.after ?? [], after: is?.rights ?? [] };
      if (JSON.stringify(change.before) === JSON.stringify(change.after)) continue;
      const { actor, subject } = is ?? was ?? { actor: null };
      events.push({
        code,
        actor,
        ...(typeof subject === "string" ? { subject } : {}),
        ...change,
      });
    }
    await Promise.all(events.map((event) => access.record(event)));
    this.#given = present;
    this.#compared = text;
    return events.length;
  }
}

function keyOf({
  actor,
  subject,
}: Pick<HeldRights, "actor"> & { subject?: string | null }): string {
  return JSON.stringify([actor, subject ?? null]);
}
