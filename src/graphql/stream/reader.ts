import { authorizationClassOf } from "#access/authorizationClass.ts";
import type { Actor } from "#packet/actor.ts";
import type { Name } from "#packet/name.ts";
import type { Context } from "../context.ts";

/**
 * Who may be told together: those of one authorization class, apart from those who came offline, for
 * whom the ledger is asked before each event.
 */
export function companyOf(actor: Actor): string {
  const way = actor.offlineKey === undefined ? "" : " offline";
  return `${authorizationClassOf(actor)}${way}`;
}

/**
 * Whoever reads over one connection. Rights are asked for anew each time; a reader who has
 * lost any of them is let go and may come back with those that are left, so that nothing which
 * was begun under the old ones goes on.
 */
export class Reader {
  /** In every log line about the connection. */
  readonly requestId: string;
  readonly #contextFor: () => Promise<Context | null>;
  #known: Actor | null = null;
  #company = "";
  #generation = -1;

  /** `contextFor` makes a context of this moment for the reader's credentials; null for nobody. */
  constructor(requestId: string, contextFor: () => Promise<Context | null>) {
    this.requestId = requestId;
    this.#contextFor = contextFor;
  }

  /** Who reads; null before they were first asked for. */
  get actor(): Name | null {
    return this.#known?.actor ?? null;
  }

  /** Of which generation of everybody's rights this reader's were last asked for; none yet is -1. */
  get generation(): number {
    return this.#generation;
  }

  /** With whom the reader may be told together, as of then. */
  get company(): string {
    return this.#company;
  }

  /** A context of this moment; null from when the reader is nobody, somebody else, or lost a role. */
  async renew(): Promise<Context | null> {
    const context = await this.#contextFor();
    if (context === null || !keeps(this.#known ?? context.actor, context.actor)) return null;
    this.#known = context.actor;
    this.#company = companyOf(context.actor);
    return context;
  }

  /**
   * The same, for a generation of everybody's rights that was looked at before this is called. Whoever
   * has lost theirs never has those of that generation, whoever asks next for the same reader.
   */
  async renewAt(generation: number): Promise<Context | null> {
    const context = await this.renew();
    if (context !== null) this.#generation = Math.max(this.#generation, generation);
    return context;
  }

  /** False from when the reader is nobody any more; asks only where rights may be others than when they were last asked for. */
  async mayStay(generation: number): Promise<boolean> {
    return generation <= this.#generation || (await this.renewAt(generation)) !== null;
  }
}

function keeps(before: Actor, now: Actor): boolean {
  return (
    before.actor === now.actor &&
    before.kind === now.kind &&
    before.roles.every((role) => now.roles.includes(role))
  );
}
