/** Runs something once after a time, unless what it returns is called before. Does not keep the process alive. */
export type SetTimer = (run: () => void, afterMs: number) => () => void;

/** The event loop's own timers. */
export const setLoopTimer: SetTimer = (run, afterMs) => {
  const timer = setTimeout(run, afterMs).unref();
  return () => clearTimeout(timer);
};
