/** Resolves in the next turn of the event loop, after whatever has come in meanwhile. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
