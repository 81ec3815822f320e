/** Something that is asked, and waits until a test answers it. */
export class Held<T = void> {
  /** Resolves when it was asked. */
  readonly asked: Promise<void>;
  /** What is answered, to all who ask. */
  answer: (answer: T) => void = () => undefined;
  readonly #answered: Promise<T>;
  #note: () => void = () => undefined;

  constructor() {
    this.asked = new Promise((resolve) => {
      this.#note = resolve;
    });
    this.#answered = new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  ask(): Promise<T> {
    this.#note();
    return this.#answered;
  }
}
