import { z } from "zod";
import type { Ledger, Revision } from "#ledger/ledger.ts";
import { HoldCode } from "#packet/hold.ts";
import { Name, type PacketId } from "#packet/name.ts";
import { digestWords } from "#proof/words.ts";

const HoldEnd = z.object({ code: HoldCode, subject: z.string() });
const HoldOpening = z.object({ ...HoldEnd.shape, evidence: z.array(z.string()) });

/** The part of a revision's recorded body that a subscriber reads. */
const Body = z.object({
  actor: z.object({ actor: Name }),
  opened: z.array(HoldOpening),
  cleared: z.array(HoldEnd),
  outOfScope: z.array(HoldEnd),
});

/** A revision as it was read from the ledger after it was announced. */
export interface SeenRevision extends z.infer<typeof Body> {
  readonly recorded: Revision;
  /** Every word of its digest. */
  readonly words: readonly string[];
  /** When it had been read, by the process's own clock in milliseconds. */
  readonly seenAt: number;
}

/** How long to wait for an announcement before it counts as lost. */
const ANNOUNCEMENT_MAX_MS = 30_000;

/**
 * Somebody who follows one packet: told *that* it moved, it reads *what* became of it from the
 * ledger, in order and without gaps.
 */
export class Subscriber {
  readonly #seen: SeenRevision[] = [];
  readonly #waiting = new Set<() => void>();
  #ledger: Pick<Ledger, "revisions"> | null = null;
  #reading = Promise.resolve();
  #fault: Error | null = null;

  /** Where to read. Announcements before this are heard, but cannot be read. */
  follow(ledger: Pick<Ledger, "revisions">): void {
    this.#ledger = ledger;
  }

  /** The ledger's announcement, after the commit. */
  hear(moved: readonly { readonly packet: PacketId }[]): void {
    for (const { packet } of moved) {
      this.#reading = this.#reading
        .then(() => this.#catchUp(packet))
        .catch((fault: unknown) => {
          this.#fault = fault instanceof Error ? fault : new Error(String(fault), { cause: fault });
        })
        .then(() => this.#wake());
    }
  }

  /**
   * Every revision after `after`, once the one numbered `through` has been seen.
   *
   * @throws {Error} if it is not announced in time, or cannot be read.
   */
  async between(after: number, through: number): Promise<SeenRevision[]> {
    const late = AbortSignal.timeout(ANNOUNCEMENT_MAX_MS);
    while (this.#seen.length < through) {
      if (this.#fault !== null) throw this.#fault;
      if (late.aborted) throw new Error(`revision ${through} was never announced`);
      await this.#nextWake(late);
    }
    return this.#seen.slice(after);
  }

  #nextWake(late: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        late.removeEventListener("abort", wake);
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
      late.addEventListener("abort", wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async #catchUp(packet: PacketId): Promise<void> {
    const last = this.#seen.length;
    const revisions = (await this.#ledger?.revisions(packet, last, 100)) ?? [];
    const seenAt = performance.now();
    for (const recorded of revisions) {
      if (recorded.number !== this.#seen.length + 1) throw new Error("the lineage has a gap");
      this.#seen.push({ ...read(recorded), recorded, seenAt });
    }
  }
}

function read({ body, digest }: Revision) {
  const words = digestWords(Buffer.from(digest, "hex"));
  return { ...Body.parse(JSON.parse(Buffer.from(body).toString("utf8"))), words };
}
