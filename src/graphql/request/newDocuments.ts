import type { Context } from "../context.ts";
import type { Documents } from "./documents.ts";
import { Turns } from "./turns.ts";

/** Who reads documents, and who counts those that are new. */
export interface NewDocumentsNeeds {
  readonly documents: Pick<Documents, "isKnown" | "judge">;
  /** Counts one new document of a principal: null, or in how many seconds they may send one again. */
  readonly count: (actor: string) => number | null;
}

/**
 * The way in of documents that this process has not read yet. To read one and to judge it takes
 * longer than to answer most questions, and nothing else is done meanwhile. So of one principal they
 * are so many in a time, of all of them one is judged in a turn of the loop, and the turns go round
 * among principals. A document that is known costs nothing of this, whoever sent it first.
 */
export class NewDocuments {
  readonly #needs: NewDocumentsNeeds;
  readonly #turns = new Turns();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(needs: NewDocumentsNeeds) {
    this.#needs = needs;
  }

  /** Resolves to null once the text was judged, or to in how many seconds its sender may come again with it. */
  async admit(text: string, context: Context): Promise<number | null> {
    const { documents, count } = this.#needs;
    if (documents.isKnown(text, context)) return null;
    const { actor } = context.actor;
    // Many who come together with one page ask one thing.
    let judging = this.#underWay.get(text);
    if (judging === undefined) {
      const retryAfterSeconds = count(actor);
      if (retryAfterSeconds !== null) return retryAfterSeconds;
      judging = this.#judge(text, context);
      this.#underWay.set(text, judging);
    }
    await judging;
    return null;
  }

  async #judge(text: string, context: Context): Promise<void> {
    try {
      await this.#turns.take(context.actor.actor);
      this.#needs.documents.judge(text, context);
    } finally {
      this.#underWay.delete(text);
    }
  }
}
