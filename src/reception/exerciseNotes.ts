import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import type { Name } from "#packet/name.ts";

/** How long whoever came in waits for their use of the emergency path to be noted, in milliseconds. */
const WAIT_MS = 1_000;

/** Who notes it, and where a failure is told. */
export interface ExerciseNotesOptions {
  readonly record: (actor: Actor) => Promise<void>;
  readonly log: Log;
}

/** Notes that somebody came in by the emergency path. Nobody is turned away because that fails. */
export class ExerciseNotes {
  readonly #options: ExerciseNotesOptions;
  readonly #underWay = new Map<Name, Promise<void>>();

  constructor(options: ExerciseNotesOptions) {
    this.#options = options;
  }

  /** Resolves when it is noted, or when that has taken too long; whoever comes meanwhile does not wait. */
  async came(actor: Actor): Promise<void> {
    if (this.#underWay.has(actor.actor)) return;
    const noting = this.#note(actor);
    this.#underWay.set(actor.actor, noting);
    await inTime(noting);
  }

  /** Resolves when nothing is being noted any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async #note(actor: Actor): Promise<void> {
    const { record, log } = this.#options;
    try {
      await record(actor);
    } catch (err) {
      log.warn({ err, actor: actor.actor }, "a use of the emergency path was not noted");
    } finally {
      this.#underWay.delete(actor.actor);
    }
  }
}

async function inTime(noting: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, WAIT_MS);
  });
  await Promise.race([noting, late]);
  clearTimeout(timer);
}
