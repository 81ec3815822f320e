/** Runs something once after a time, unless what it returns is called before. Does not keep the process alive. */
export type SetTimer = (run: () => void, afterMs: number) => () => void;

/** The event loop's own timers. */
export const setLoopTimer: SetTimer = (run, afterMs) => {
  const timer = setTimeout(run, afterMs).unref();
  return () => clearTimeout(timer);
};

/** No answer came in time; by its code a loss of the connection like any other. */
class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly code = "ETIMEDOUT";
}

/** What was read; rejects when that takes longer. The answer is dropped if it comes all the same. */
export async function within<R>(
  setTimer: SetTimer,
  limitMs: number,
  reading: Promise<R>,
): Promise<R> {
  let cancel: () => void = () => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(new NoAnswer(`no answer came within ${limitMs} ms`));
    cancel = setTimer(fail, limitMs);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    cancel();
  }
}
