import { componentRefusal, type KnownComponent } from "#gate/decide/components.ts";
import { COMPONENT_KINDS } from "#gate/dependencies.ts";
import { actualState, isRecording, stateAfter } from "#gate/components.ts";
import { type StoredEntry, readEntry } from "#ledger/factForm.ts";
import type { Entry, EntryOf, SharedEntry } from "#packet/entry.ts";
import type { Name } from "#packet/name.ts";
import type { ComponentState } from "#packet/rollback.ts";
import { readCanonical } from "#proof/readCanonical.ts";
import { UNRECORDED } from "#recovery/rollback.ts";
import type { Findings } from "./findings.ts";
import type { Reading } from "./reading.ts";
import { arrayText } from "./reports.ts";
import { isShared } from "./sharedWatch.ts";

interface ComponentRow {
  readonly entry: string;
  readonly exercise: boolean;
  readonly name: Name;
  readonly body: Uint8Array;
}

/**
 * What was recorded of each component, once more from the first entry on: one that refuses a release
 * by what stood before did not run it, and no key that is out was rotated (decision record 0081).
 */
export async function passOverComponents(reading: Reading, findings: Findings): Promise<void> {
  await findings.reading({ table: "shared_report" }, async () => {
    const pages = reading.stream<ComponentRow>(
      (sql) => sql`
        SELECT entry, exercise, name, body FROM public.shared_report
        WHERE kind = ANY(${arrayText(COMPONENT_KINDS)}::text[]::public.shared_kind[])
        ORDER BY exercise, name, seq`,
    );
    let told = new ToldComponent(false, "");
    for await (const page of pages) {
      for (const row of page) {
        if (!told.isOf(row)) told = new ToldComponent(row.exercise, row.name);
        const entry = entryIn(row);
        const refused = entry === null ? null : told.refusal(entry);
        if (refused !== null) {
          const place = { table: "shared_report", row: `entry ${row.entry}`, column: "body" };
          findings.add({
            place,
            kind: "ENTITLEMENT",
            expected: "what the component admits",
            found: refused,
          });
        }
        if (entry !== null) told.hear(entry);
      }
    }
  });
}

/** An entry whose bytes cannot be read is told where every report is looked at by itself. */
function entryIn({ body }: ComponentRow): SharedEntry | null {
  try {
    const stored: unknown = readCanonical(body);
    const entry = readEntry(stored as StoredEntry);
    return isShared(entry) ? entry : null;
  } catch {
    return null;
  }
}

/** One component as the entries up to here tell it. */
class ToldComponent {
  readonly #exercise: boolean;
  readonly #name: Name;
  #state: ComponentState | null = null;
  #declaration: EntryOf<"COMPONENT_DECLARATION"> | null = null;
  readonly #newest = new Map<Name, EntryOf<"COMPONENT_STATE">>();

  constructor(exercise: boolean, name: Name) {
    this.#exercise = exercise;
    this.#name = name;
  }

  isOf({ exercise, name }: ComponentRow): boolean {
    return exercise === this.#exercise && name === this.#name;
  }

  /** Why this entry could not be recorded next; null where it could. */
  refusal(entry: SharedEntry): string | null {
    return componentRefusal(() => this.#known(), [entry])?.message ?? null;
  }

  hear(entry: Entry): void {
    if (entry.kind === "COMPONENT_DECLARATION") this.#declaration = entry;
    if (entry.kind === "COMPONENT_STATE") this.#newest.set(entry.reporter, entry);
    if (isRecording(entry)) this.#state = stateAfter(this.#state ?? UNRECORDED, entry);
  }

  #known(): KnownComponent {
    const { keySlotsUsed } = actualState(this.#state, [...this.#newest.values()], () => true);
    return {
      state: this.#state ?? UNRECORDED,
      keySlots: this.#declaration?.keySlots ?? null,
      keySlotsUsed: keySlotsUsed ?? 0,
    };
  }
}
