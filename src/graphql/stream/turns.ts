/** A place in the line. */
export interface Turn {
  /** Resolves when it is the first. */
  readonly come: Promise<void>;
  readonly begin: () => void;
}

/** Lets those who come be at it one at a time, in the order of their coming. */
export class Turns {
  readonly #line = new Set<Turn>();

  /** Takes a place at the end of the line, which must be left. */
  enter(): Turn {
    let begin = (): void => undefined;
    const come = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const turn = { come, begin };
    this.#line.add(turn);
    this.#letIn();
    return turn;
  }

  /** Leaves the line, whether or not the turn has come. */
  leave(turn: Turn): void {
    this.#line.delete(turn);
    this.#letIn();
  }

  #letIn(): void {
    for (const first of this.#line) {
      first.begin();
      return;
    }
  }
}
