/** How a terminal is written to. */
export interface Paper {
  /** Columns, 80 to 100. */
  readonly width: number;
  readonly isColoured: boolean;
}

/** The few accents that are used; each says something that the text says as well. */
export type Accent = "heading" | "opened" | "cleared" | "left" | "good" | "bad" | "quiet";

const CODES: Readonly<Record<Accent, string>> = {
  heading: "1",
  opened: "31",
  cleared: "32",
  left: "33",
  good: "32",
  bad: "1;31",
  quiet: "2",
};

/** The width to write to: that of the terminal, but neither cramped nor sprawling. */
export function paperWidth(columns: number | undefined): number {
  return Math.min(100, Math.max(80, columns ?? 96));
}

/** The text in its accent, or as it is. */
export function accented(paper: Paper, accent: Accent, text: string): string {
  return paper.isColoured ? `\u001B[${CODES[accent]}m${text}\u001B[0m` : text;
}

/** Words in lines of at most the paper's width, each after the indentation. */
export function wrapped(paper: Paper, indentation: number, text: string): string[] {
  const room = paper.width - indentation;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((item) => " ".repeat(indentation) + item);
}

/** As many of the items as have room, and how many more there are. */
export function listed(items: readonly string[], room: number): string {
  let text = "";
  for (const [index, item] of items.entries()) {
    const next = index === 0 ? item : `${text}, ${item}`;
    const more = items.length - index - 1;
    const suffix = more === 0 ? "" : `, and ${more} more`;
    if (next.length + suffix.length > room) {
      if (index === 0) return clipped(item, room - suffix.length) + suffix;
      return `${text}, and ${items.length - index} more`;
    }
    text = next;
  }
  return text;
}

/** The text, cut to the room with a sign that it goes on. */
export function clipped(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 3))}...`;
}

/** A subject with its digests shortened to what tells them apart by eye, or without them. */
export function shortSubject(subject: string, isBrief: boolean): string {
  const digest = / ?\b(sha256|sha512):([0-9a-f]{8})[0-9a-f]+/g;
  return subject.replaceAll(digest, isBrief ? "" : " $1:$2");
}
