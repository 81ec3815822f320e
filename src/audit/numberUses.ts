import type { Occurrence } from "#packet/fact.ts";
import type { Name } from "#packet/name.ts";
import { sha256Hex } from "#proof/digest.ts";
import { recordedIn } from "./entryCheck.ts";
import { isShared } from "./sharedWatch.ts";
import { Tally } from "./tally.ts";

/** An automated reporter among real packets, or among exercises, and what came of their numbers. */
interface Reporter {
  readonly reporter: Name;
  /** The numbers that were given with entries, each as often as it was. */
  readonly given: Tally;
  /** The numbers that are recorded. */
  readonly recorded: Tally;
  /** Packets that they opened without an entry, with which a number may have been given. */
  silent: number;
}

/**
 * Rule 4.3.2: compares the numbers that automated reporters gave, in whichever packet or report,
 * with those that are recorded of them, of which each is there once: in memory for each reporter,
 * and not for each number.
 */
export class NumberUses {
  readonly #reporters = new Map<string, Reporter>();
  #isWhole = true;

  /** Somewhere a number may have been given that is not known. */
  lose(): void {
    this.#isWhole = false;
  }

  /** What somebody did in one packet; reports on shared subjects are told by their own table. */
  did(exercise: boolean, { fact, actor }: Occurrence): void {
    const own = recordedIn(fact).filter((entry) => !isShared(entry));
    const number = own[0]?.reportNumber ?? null;
    if (number !== null) this.gave(exercise, actor.actor, number);
    if (fact.kind === "PACKET_OPENED" && own.length === 0) {
      this.#of(exercise, actor.actor).silent += 1;
    }
  }

  /** A number was given with one report. */
  gave(exercise: boolean, reporter: Name, number: bigint): void {
    this.#of(exercise, reporter).given.add(sha256Hex(String(number)));
  }

  /** A number is recorded. */
  recorded(exercise: boolean, reporter: Name, number: bigint): void {
    this.#of(exercise, reporter).recorded.add(sha256Hex(String(number)));
  }

  /** The reporters whose numbers are not each given once; none while something is not known. */
  faults(): readonly {
    readonly reporter: Name;
    readonly given: number;
    readonly recorded: number;
  }[] {
    if (!this.#isWhole) return [];
    return [...this.#reporters.values()].flatMap(({ reporter, given, recorded, silent }) => {
      const spare = recorded.count - given.count;
      const isRight = spare === 0 ? given.equals(recorded) : spare > 0 && spare <= silent;
      return isRight ? [] : [{ reporter, given: given.count, recorded: recorded.count }];
    });
  }

  #of(exercise: boolean, reporter: Name): Reporter {
    const key = `${exercise} ${reporter}`;
    const known = this.#reporters.get(key);
    if (known !== undefined) return known;
    const fresh = { reporter, given: new Tally(), recorded: new Tally(), silent: 0 };
    this.#reporters.set(key, fresh);
    return fresh;
  }
}
