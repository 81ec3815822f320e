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
