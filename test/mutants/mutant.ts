/** One way to break a rule: the text that is turned stands exactly once in its file. */
export interface Mutant {
  /** The rule that it breaks. */
  readonly rule: string;
  /** What is turned, for whoever reads the report. */
  readonly what: string;
  /** Under src. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}
