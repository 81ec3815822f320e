/** This machine, or the server that was named, lacks something that the rehearsal needs; the message says what, and what to do. */
export class CannotRehearse extends Error {
  override readonly name = "CannotRehearse";
}
