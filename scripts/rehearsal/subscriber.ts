import { type Client, createClient } from "graphql-ws";
import { WebSocket } from "ws";
import type { z } from "zod";
import type { PacketId } from "#packet/name.ts";
import { CannotRehearse } from "./cannotRehearse.ts";
import { holdText } from "./blockers.ts";
import {
  FOLLOW_REGISTER,
  FOLLOW_REVISIONS,
  type HoldChangeTold,
  type RevisionAnswer,
} from "./questions.ts";
import type { RegisterHold } from "./reader.ts";
import type { HoldChange, HoldName } from "./told.ts";

/** A revision as it came over the socket, with everything that it did to the register. */
export interface SeenRevision extends RevisionAnswer, HoldChange {
  /** When the last of it had come, by the process's own clock in milliseconds. */
  readonly seenAt: number;
}

/** Where to follow, and as whom. */
export interface Following {
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** The whole register by queries: where one event has no room for all that it tells of. */
  readonly register: (packet: PacketId) => Promise<readonly RegisterHold[]>;
}

type RegisterEvent = z.output<typeof FOLLOW_REGISTER.shape>["event"];
type RevisionsEvent = z.output<typeof FOLLOW_REVISIONS.shape>["event"];

/** How long to wait for a revision before it counts as lost. */
const ANNOUNCEMENT_MAX_MS = 30_000;

/** What the register's stream told of one revision. */
interface RegisterTold {
  changes: number;
  lastAt: number;
}

/**
 * Somebody who follows one packet over a socket: its revisions as they are made, and its register
 * as a snapshot and then change by change. Everything is taken in the order in which it comes.
 */
export class Subscriber {
  readonly #following: Following;
  readonly #client: Client;
  readonly #seen: SeenRevision[] = [];
  readonly #open = new Set<string>();
  readonly #told = new Map<number, RegisterTold>();
  readonly #waiting = new Set<() => void>();
  #reading = Promise.resolve();
  #isFollowing = false;
  #fault: Error | null = null;

  /** Introduces itself to the server at once, so that following begins without delay. */
  constructor(following: Following) {
    this.#following = following;
    const { url, token } = following;
    this.#client = createClient({
      url,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      lazy: false,
      retryAttempts: 0,
      onNonLazyError: (event) => this.#fail(event),
    });
    following.signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** The register as the stream has told it: each open hold as one text. */
  get open(): ReadonlySet<string> {
    return this.#open;
  }

  /** Begins to follow a packet that has just been opened; resolves once it is current. */
  async follow(packet: PacketId): Promise<void> {
    this.#listen(FOLLOW_REVISIONS, packet, (event, at) => this.#takeRevision(event, at));
    await this.#until(() => this.#isFollowing, "the stream of revisions does not begin");
    this.#listen(FOLLOW_REGISTER, packet, (event, at) => this.#takeRegister(event, at));
    await this.between(0, 1);
  }

  /**
   * Every revision after `after`, once the one numbered `through` has come with all its changes.
   *
   * @throws {Error} if it does not come in time, or the socket is lost.
   */
  async between(after: number, through: number): Promise<SeenRevision[]> {
    await this.#until(() => this.#isSeen(through), `revision ${through} was never told`);
    return this.#seen.slice(after).map((revision) => this.#complete(revision));
  }

  /** Leaves the server. */
  async close(): Promise<void> {
    await this.#client.dispose();
  }

  #isSeen(number: number): boolean {
    const revision = this.#seen[number - 1];
    if (revision === undefined) return false;
    return number === 1 || this.#changesTold(number) >= revision.holdChanges.length;
  }

  #changesTold(number: number): number {
    return this.#told.get(number)?.changes ?? 0;
  }

  #complete(revision: SeenRevision): SeenRevision {
    const lastAt = this.#told.get(revision.number)?.lastAt ?? 0;
    return { ...revision, seenAt: Math.max(revision.seenAt, lastAt) };
  }

  async #until(isSo: () => boolean, otherwise: string): Promise<void> {
    const late = AbortSignal.timeout(ANNOUNCEMENT_MAX_MS);
    while (!isSo()) {
      this.#following.signal.throwIfAborted();
      if (this.#fault !== null) throw this.#fault;
      if (late.aborted) throw new Error(otherwise);
      await this.#nextWake(late);
    }
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

  #fail(fault: unknown): void {
    this.#fault ??= faultOf(fault);
    this.#wake();
  }

  #listen<S extends z.ZodType<{ readonly event: unknown }>>(
    { query, shape }: { readonly query: string; readonly shape: S },
    packet: PacketId,
    take: (event: z.output<S>["event"], at: number) => Promise<void>,
  ): void {
    this.#client.subscribe(
      { query, variables: { packet } },
      {
        next: ({ data, errors }) => {
          const at = performance.now();
          if (errors !== undefined) this.#fail(errors);
          else this.#inOrder(() => take(shape.parse(data).event, at));
        },
        error: (fault) => this.#fail(fault),
        complete: () => undefined,
      },
    );
  }

  #inOrder(take: () => Promise<void>): void {
    this.#reading = this.#reading
      .then(take)
      .catch((fault: unknown) => this.#fail(fault))
      .then(() => this.#wake());
  }

  async #takeRevision(event: RevisionsEvent, at: number): Promise<void> {
    this.#isFollowing = true;
    if (event.kind === "RevisionEvent") await this.#see(event.revision, at);
  }

  async #takeRegister(event: RegisterEvent, at: number): Promise<void> {
    if (event.kind === "RegisterSnapshot") {
      const { revision, currentRevision } = event.packet;
      if (revision !== 1) throw new Error("the packet moved before it could be followed");
      await this.#see(currentRevision, at);
      for (const hold of this.#seen[0]?.opened ?? []) this.#open.add(holdText(hold));
    } else if (event.kind === "HoldsChanged") {
      const { number } = event.revision;
      const { packet } = this.#seen[0] ?? {};
      if (packet === undefined) throw new Error("the register changed before its snapshot");
      const names = await this.#namesOf(event.change, packet, number);
      for (const text of names.map(holdText)) {
        if (event.change.transition === "OPENED") this.#open.add(text);
        else this.#open.delete(text);
      }
      this.#told.set(number, { changes: this.#changesTold(number) + 1, lastAt: at });
    }
  }

  async #see(revision: RevisionAnswer, seenAt: number): Promise<void> {
    const { packet, number, holdChanges } = revision;
    if (number !== this.#seen.length + 1) throw new Error("the stream of revisions has a gap");
    const named: Record<HoldChangeTold["transition"], HoldName[]> = {
      OPENED: [],
      CLEARED: [],
      OUT_OF_SCOPE: [],
    };
    for (const change of holdChanges) {
      named[change.transition].push(...(await this.#namesOf(change, packet, number)));
    }
    const { OPENED: opened, CLEARED: cleared, OUT_OF_SCOPE: outOfScope } = named;
    this.#seen.push({ ...revision, opened, cleared, outOfScope, seenAt });
  }

  /** Which holds changed: those of the event, or of the register where they are more than a page. */
  async #namesOf(
    { code, transition, count, holds }: HoldChangeTold,
    packet: PacketId,
    number: number,
  ): Promise<HoldName[]> {
    const told = holds.edges.map(({ node }) => ({ code, subject: node.subject }));
    if (told.length === count) return told;
    const register = await this.#following.register(packet);
    return register.filter((hold) => {
      if (hold.code !== code) return false;
      if (transition === "OPENED") return hold.sinceRevision === number;
      return hold.status === transition && hold.endedRevision === number;
    });
  }
}

/** What ended a socket or a subscription, in words. */
function faultOf(fault: unknown): Error {
  if (fault instanceof Error) return fault;
  if (Array.isArray(fault)) {
    const messages = fault.map((item: { message?: unknown }) => String(item.message));
    return new Error(`a subscription ended: ${messages.join("; ")}`);
  }
  const { code, reason } = fault as { code?: unknown; reason?: unknown };
  return new CannotRehearse(`the server closed the socket (${String(code)} ${String(reason)})`);
}
