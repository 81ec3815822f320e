/**
 * A value in a line of Markdown, as a code span (CommonMark 6.1), in which nothing is markup: a name
 * can neither end the line nor the span. Characters that are not seen are told by their numbers.
 */
export function coded(value: string): string {
  const seen = value.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, numbered);
  const runs = seen.match(/`+/g) ?? [];
  const fence = "`".repeat(Math.max(0, ...runs.map((run) => run.length)) + 1);
  // A space at both ends belongs to the fence: it keeps a backtick or a space of the value apart.
  const needsRoom = seen === "" || /^[ `]|[ `]$/.test(seen);
  const room = needsRoom ? " " : "";
  return `${fence}${room}${seen}${room}${fence}`;
}

function numbered(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Values one after the other; `none` when there are none. */
export function codedList(values: readonly string[]): string {
  return values.length === 0 ? "none" : values.map(coded).join(", ");
}

/** The lines of a list, or that there are none. */
export function listed(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? ["- none"] : lines;
}

/** One section: its title, what it says, and what is missing there. Lines and gaps are Markdown already. */
export interface Section {
  readonly title: string;
  readonly lines: readonly string[];
  readonly gaps: readonly string[];
}

/** The sections in order, after a head and every gap of all of them. Ends with a line feed. */
export function documentOf(
  title: string,
  head: readonly string[],
  sections: readonly Section[],
): string {
  const gaps = sections.flatMap(({ title: at, gaps: own }) => own.map((gap) => `${at}: ${gap}`));
  const parts = [
    [`# ${title}`],
    head,
    [`## Gaps: ${gaps.length}`],
    gaps.length === 0 ? ["Nothing is known to be missing."] : gaps.map((gap) => `- ${gap}`),
    ...sections.flatMap(({ title: own, lines }) => [[`## ${own}`], lines]),
  ];
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n")}\n`;
}
