import { setLoopTimer } from "#feed/timer.ts";
import type { PacketId } from "#packet/name.ts";
import type { Chance } from "../faults/chance.ts";
import type { Passport } from "../identity/passports.ts";
import { type Event, StreamEnded } from "../streams/inbox.ts";
import type { Followed, Transport } from "../streams/transports.ts";
import { DOCUMENTS, type Watched } from "./documents.ts";

/** What a dashboard shows, whose it is, and how it gets there. */
export interface Showing {
  readonly watched: Watched;
  /** Which packet's; of no interest where all are followed. */
  readonly packet: PacketId;
  readonly by: Passport;
  readonly transport: Transport;
  /** Addresses of the API, in the order in which they are tried; the first is where it begins. */
  readonly doors: readonly string[];
}

/** What ends a dashboard for good: it is not a fault of the way. */
const LAST_WORDS = /^(4403|FORBIDDEN|401|403)/;

/** A stream that ends with one of these was refused what it had every right to: after a status but 503 nobody asks again. */
const REFUSALS = /CURSOR|UNKNOWN|VALIDATION|PARSE|BAD_USER_INPUT|^(?!401|403|503)\d{3}(?:,|$)/;

/** One revision of one packet. */
export interface Mark {
  readonly packet: PacketId;
  readonly number: number;
  /** Its place in the log of all; where nobody says, it must be one that changes holds. */
  readonly position?: bigint;
}

/** Whoever was turned away comes back within so long. */
const RETURN_MS_MAX = 200;

/**
 * A dashboard that takes down everything that it is told, and comes back with its last cursor at
 * the next door whenever its stream ends.
 */
export class Dashboard {
  readonly showing: Showing;
  /** Everything that came, in the order in which it came. */
  readonly told: Event[] = [];
  /** What its streams ended with. */
  readonly ends: string[] = [];
  /** What no server may do. */
  readonly faults: string[] = [];
  readonly #dice: Chance;
  readonly #watchers = new Set<() => void>();
  readonly #marks = new Set<string>();
  #reach = 0n;
  #door = 0;
  #stream: Followed | null = null;
  #isLeaving = false;
  #reading: Promise<void> = Promise.resolve();

  constructor(showing: Showing, dice: Chance) {
    this.showing = showing;
    this.#dice = dice;
  }

  /** How often it was taken up again. */
  get returns(): number {
    return this.ends.length;
  }

  /** In words, for what goes wrong. */
  get name(): string {
    const { watched, transport, by } = this.showing;
    const { name } = by.entry as { readonly name: string };
    return `${name}'s ${watched} by ${transport.name}`;
  }

  /** Begins, and resolves when it has been told where it stands. */
  async open(): Promise<this> {
    this.#reading = this.#read();
    await this.until(() => this.told.length > 0);
    return this;
  }

  /** Whether it was let go for good. */
  get isForbidden(): boolean {
    return LAST_WORDS.test(this.ends.at(-1) ?? "");
  }

  /** Resolves when this is so; looked at after everything that comes. Throws if nothing will come any more. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.faults.length > 0) throw new Error(`${this.name}: ${this.faults.join("; ")}`);
      if (this.isForbidden) throw new Error(`${this.name} was let go`);
      await this.#next();
    }
  }

  /** Resolves when it has been let go for good. */
  async forbidden(): Promise<void> {
    while (!this.isForbidden) await this.#next();
  }

  /** Resolves when it knows of these revisions, as far as they are its own to know. */
  async reached(marks: readonly Mark[]): Promise<void> {
    const { watched, packet } = this.showing;
    await this.until(() =>
      watched === "ALL_HOLD_CHANGES"
        ? marks.every((mark) => this.#isPast(mark))
        : marks.every((mark) => mark.packet !== packet || this.#reach >= BigInt(mark.number)),
    );
  }

  /** Ends it, and resolves when nothing comes any more. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#stream?.leave();
    this.#wake();
    await this.#reading;
  }

  #isPast({ packet, number, position }: Mark): boolean {
    if (position !== undefined && this.#reach >= position) return true;
    return this.#marks.has(`${packet} ${number}`);
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (): void => {
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  #wake(): void {
    for (const watcher of this.#watchers) watcher();
  }

  async #read(): Promise<void> {
    while (!this.#isLeaving && this.faults.length === 0 && !this.isForbidden) {
      const stream = this.#follow();
      this.#stream = stream;
      try {
        for (;;) {
          this.#take(await stream.next());
        }
      } catch (fault) {
        this.#end(fault);
      } finally {
        stream.leave();
      }
      if (!this.#isLeaving) await this.#comeBack();
    }
  }

  #take(event: Event): void {
    this.told.push(event);
    const { head, revision, packet, gate } = event as Event & Told;
    if (revision !== undefined) this.#marks.add(`${revision.packet} ${revision.number}`);
    const number = revision?.number ?? packet?.revision ?? gate?.revision ?? 0;
    // Places in the log of all are told by heartbeats only.
    const isOfAll = this.showing.watched === "ALL_HOLD_CHANGES";
    const reach = BigInt(head ?? (isOfAll ? 0 : number));
    if (reach > this.#reach) this.#reach = reach;
    this.#wake();
  }

  #follow(): Followed {
    const { watched, packet, transport, doors, by } = this.showing;
    const url = doors[this.#door % doors.length];
    if (url === undefined) throw new Error("a dashboard needs a door");
    const { cursor } = this.told.at(-1) ?? {};
    return transport.follow({
      url,
      by,
      query: DOCUMENTS[watched],
      variables: {
        ...(watched === "ALL_HOLD_CHANGES" ? {} : { packet }),
        ...(cursor === undefined ? {} : { after: cursor }),
      },
    });
  }

  #end(fault: unknown): void {
    if (this.#isLeaving) return;
    if (fault instanceof StreamEnded) {
      const last = fault.codes.join() || "COMPLETE";
      this.ends.push(last);
      if (REFUSALS.test(last)) this.faults.push(`it was refused as ${last}`);
    } else this.faults.push(String(fault));
    this.#door += 1;
    this.#wake();
  }

  /** As a client has it that does not want to be one of a herd. */
  async #comeBack(): Promise<void> {
    await new Promise<void>((resolve) => {
      setLoopTimer(resolve, this.#dice.below(RETURN_MS_MAX));
    });
  }
}

interface Told {
  readonly head?: string;
  readonly revision?: { readonly packet: string; readonly number: number };
  readonly packet?: { readonly revision: number };
  readonly gate?: { readonly revision: number | null };
}
