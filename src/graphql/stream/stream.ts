/**
 * A stream that ends at once when its reader leaves: `return` aborts the signal that whatever
 * is awaited inside listens to. A generator alone would go on waiting.
 */
export function abortable<T>(
  open: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
): AsyncIterableIterator<T> {
  const leaving = new AbortController();
  const inner = open(leaving.signal);
  return {
    next: () => inner.next(),
    async return() {
      leaving.abort();
      await inner.return();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Yields whenever there is a stir, and also when there was none for so long, in milliseconds. */
export async function* orQuiet(
  stirs: AsyncIterable<void>,
  quietMs: number,
): AsyncGenerator<void, void, undefined> {
  const stirring = stirs[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<void, unknown>> | null = null;
  try {
    for (;;) {
      next ??= stirring.next();
      let timer: NodeJS.Timeout | undefined;
      const quiet = new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), quietMs).unref();
      });
      const first = await Promise.race([next, quiet]);
      clearTimeout(timer);
      if (first !== null) next = null;
      if (first?.done === true) return;
      yield;
    }
  } finally {
    await stirring.return?.();
  }
}
