import { setTimeout as pause } from "node:timers/promises";
import type { Epoch } from "#packet/epoch.ts";
import type { Name } from "#packet/name.ts";

/** How long an answer of the database is taken to be so, in milliseconds. */
const ASK_AGAIN_MS = 1_000;

/** How long a caller waits for the database before the last answer must do, in milliseconds. */
const WAIT_MS = 1_000;

/** How long after a question failed it is put again to whoever waits for the answer, in milliseconds. */
const PAUSE_MS = 100;

/** What a look at rights goes by: the ledger's last answer where the new one is late, or the new one alone, however late. */
export type LedgerWord = "LAST" | "NEW";

/** What the ledger answered. */
export interface GroundAnswer {
  /** Null where nobody was asked about. */
  readonly epoch: Epoch | null;
  /** Who of all that were ever asked about is revoked. */
  readonly revoked: ReadonlySet<Name>;
}

/** What a sign-in is judged on, as far as this node knows it, also while the database is away. */
export interface OfflineGround {
  /** The last epoch that is known; null before the first. */
  epoch(): Promise<Epoch | null>;
  /** The same, asked for anew: another node may have seen a step already. */
  epochNow(): Promise<Epoch | null>;
  /** Whether a person's credential is revoked in the ledger; null while nobody could be asked of them yet. */
  isRevoked(person: Name): Promise<boolean | null>;
  /** Which of these are revoked, asked for anew and at once: as far as is known. */
  revokedNow(people: readonly Name[]): Promise<ReadonlySet<Name>>;
  /** Both, by questions that begin after this call and are put again until they are answered: nothing that is remembered does instead. Never resolves once this is closed. */
  answered(people: readonly Name[]): Promise<GroundAnswer>;
}

/** Where the ground comes from; both may reject, or stay pending, while the database is away. */
export interface GroundSource {
  readonly epoch: () => Promise<Epoch>;
  /** Which of these people's credentials are revoked. */
  readonly revokedOf: (people: readonly Name[]) => Promise<ReadonlySet<Name>>;
  /** Milliseconds, of which only differences count. */
  readonly now: () => number;
  /** What was known before this start; absent where nothing was. */
  readonly known?: KnownGround | undefined;
}

/** What is known of the ledger, to be kept over a restart. */
export interface KnownGround {
  readonly epoch: Epoch | null;
  readonly asked: readonly Name[];
  readonly revoked: readonly Name[];
}

/** Of whom the ledger was asked, and who of them is revoked. */
interface Revocations {
  readonly asked: ReadonlySet<Name>;
  readonly revoked: ReadonlySet<Name>;
}

/**
 * Remembers the last good answers. An epoch never goes back, and a revocation is for good. Of
 * everybody is asked in one question, so that what is told to many who came offline costs no more
 * than what is told to one.
 */
export class RememberedGround implements OfflineGround {
  readonly #epoch: LastGood<Epoch>;
  readonly #revocations: LastGood<Revocations>;
  /** Whom there was reason to ask about; only responders are, whom the principals file bounds. */
  readonly #people = new Set<Name>();

  constructor({ epoch, revokedOf, now, known }: GroundSource) {
    const later = (was: Epoch, is: Epoch): Epoch => (is > was ? is : was);
    this.#epoch = new LastGood(epoch, later, now, known?.epoch ?? null);
    const ask = async (): Promise<Revocations> => {
      const people = [...this.#people];
      return { asked: new Set(people), revoked: await revokedOf(people) };
    };
    const before = known && { asked: new Set(known.asked), revoked: new Set(known.revoked) };
    this.#revocations = new LastGood(ask, together, now, before ?? null);
  }

  /** The last good answers, without asking for newer ones. */
  known(): KnownGround {
    const { asked = [], revoked = [] } = this.#revocations.last() ?? {};
    return { epoch: this.#epoch.last(), asked: [...asked], revoked: [...revoked] };
  }

  epoch(): Promise<Epoch | null> {
    return this.#epoch.get();
  }

  epochNow(): Promise<Epoch | null> {
    return this.#epoch.getNow();
  }

  async isRevoked(person: Name): Promise<boolean | null> {
    this.#people.add(person);
    const known = await this.#revocations.get();
    const answered = known?.asked.has(person) === true ? known : await this.#revocations.getNow();
    return answered?.asked.has(person) === true ? answered.revoked.has(person) : null;
  }

  async revokedNow(people: readonly Name[]): Promise<ReadonlySet<Name>> {
    if (people.length === 0) return new Set();
    for (const person of people) this.#people.add(person);
    return (await this.#revocations.getNow())?.revoked ?? new Set();
  }

  async answered(people: readonly Name[]): Promise<GroundAnswer> {
    if (people.length === 0) return { epoch: null, revoked: new Set() };
    for (const person of people) this.#people.add(person);
    const [epoch, { revoked }] = await Promise.all([
      this.#epoch.answered(),
      this.#revocations.answered(),
    ]);
    return { epoch, revoked };
  }

  /** Puts no question again. */
  close(): void {
    this.#epoch.close();
    this.#revocations.close();
  }
}

function together(was: Revocations, is: Revocations): Revocations {
  return {
    asked: new Set([...was.asked, ...is.asked]),
    revoked: new Set([...was.revoked, ...is.revoked]),
  };
}

/** An answer that is asked for again once a second on use, and kept while there is no newer one. */
class LastGood<T> {
  readonly #ask: () => Promise<T>;
  readonly #merge: (was: T, is: T) => T;
  readonly #now: () => number;
  #known: { readonly value: T } | null = null;
  #askedAt = Number.NaN;
  #asking: Promise<void> | null = null;
  /** How many questions were begun, and which of them was answered last. */
  #begun = 0;
  #answered = 0;
  #isClosed = false;
  /** Whether somebody waited in vain for the question under way: nobody else does. */
  #isLate = false;

  constructor(
    ask: () => Promise<T>,
    merge: (was: T, is: T) => T,
    now: () => number,
    before: T | null,
  ) {
    this.#ask = ask;
    this.#merge = merge;
    this.#now = now;
    if (before !== null) this.#known = { value: before };
  }

  /** Without asking. */
  last(): T | null {
    return this.#known?.value ?? null;
  }

  async get(): Promise<T | null> {
    const sinceMs = this.#now() - this.#askedAt;
    const isFresh = sinceMs >= 0 && sinceMs < ASK_AGAIN_MS;
    if (this.#asking === null && !isFresh) this.#begin();
    if (this.#asking !== null && !this.#isLate) await this.#waitFor(this.#asking);
    return this.#known?.value ?? null;
  }

  /** By a question that begins after this call: the answer to one under way may be older. */
  async getNow(): Promise<T | null> {
    const before = this.#asking;
    if (before !== null && !this.#isLate) await this.#waitFor(before);
    if (this.#asking === null) this.#begin();
    return this.get();
  }

  /** The answer to a question that begins after this call, however often it has to be put. */
  async answered(): Promise<T> {
    const before = this.#begun;
    let isRested = true;
    while (this.#answered <= before || this.#known === null) {
      if (this.#isClosed) return new Promise<never>(() => undefined);
      const hasFailed = this.#answered < this.#begun;
      if (this.#asking === null && (isRested || !hasFailed)) this.#begin();
      isRested = this.#asking === null;
      await (this.#asking ?? pause(PAUSE_MS, undefined, { ref: false }));
    }
    return this.#known.value;
  }

  close(): void {
    this.#isClosed = true;
  }

  #begin(): void {
    this.#askedAt = this.#now();
    this.#isLate = false;
    this.#begun += 1;
    const number = this.#begun;
    this.#asking = this.#ask()
      .then((value) => {
        const known = this.#known;
        this.#known = { value: known === null ? value : this.#merge(known.value, value) };
        this.#answered = number;
      })
      // The last good answer goes on; that the database is away is told elsewhere.
      .catch(() => undefined)
      .finally(() => {
        this.#asking = null;
      });
  }

  async #waitFor(asking: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#isLate = this.#asking === asking;
        resolve();
      }, WAIT_MS);
    });
    await Promise.race([asking, late]);
    clearTimeout(timer);
  }
}
