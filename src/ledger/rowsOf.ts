/**
 * The rows of a statement; every result is read through here. Where a connection was lost in
 * the middle of a result, postgres.js (3.4.9) numbers the rows of the next statement on it
 * from there, so that its first row would seem to be missing.
 *
 * @throws {RowsMisnumbered} which counts as a lost connection: the statement may have been done.
 */
export async function rowsOf<T extends readonly object[]>(statement: PromiseLike<T>): Promise<T> {
  const rows = await statement;
  if (rows.length > 0 && !(0 in rows)) throw new RowsMisnumbered();
  return rows;
}

/** A result whose first row is not where it should be. */
class RowsMisnumbered extends Error {
  override readonly name = "RowsMisnumbered";
  readonly code = "CONNECTION_CLOSED";

  constructor() {
    super("the rows of a result start after those of a lost one");
  }
}
