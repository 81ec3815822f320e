/** In memory a revision's digest is its number written at full length: enough to name it exactly. */
export function digestOfRevision(revision: number): string {
  return revision.toString(16).padStart(64, "0");
}
