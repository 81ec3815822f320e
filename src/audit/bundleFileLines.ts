import { BUNDLE_LINES_MAX, BUNDLE_LINE_BYTES_MAX } from "#proof/bundle.ts";

/** A line of a file as it stands there. */
export interface FileLine {
  /** From 1. */
  readonly number: number;
  /** With its line feed, if it has one. */
  readonly bytes: Uint8Array;
}

/** A line that is longer, or one more, than a bundle may have: the file is read no further. */
export class BundleTooLarge extends Error {
  override readonly name = "BundleTooLarge";
  /** The line. */
  readonly line: number;
  readonly expected: string;

  constructor(line: number, expected: string) {
    super(`line ${line}: a bundle has ${expected}`);
    this.line = line;
    this.expected = expected;
  }
}

const LINE_FEED = 0x0a;

/**
 * Parts a stream of bytes into lines, holding one of them at a time.
 *
 * @throws {BundleTooLarge}
 */
export async function* fileLines(
  chunks: AsyncIterable<Uint8Array>,
  limits = { lineBytesMax: BUNDLE_LINE_BYTES_MAX, linesMax: BUNDLE_LINES_MAX },
): AsyncGenerator<FileLine> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const at = chunk.indexOf(LINE_FEED, from);
      const part = chunk.subarray(from, at === -1 ? chunk.length : at + 1);
      from += part.length;
      parts.push(part);
      length += part.length;
      if (number > limits.linesMax) {
        throw new BundleTooLarge(number, `at most ${limits.linesMax} lines`);
      }
      if (length > limits.lineBytesMax) {
        throw new BundleTooLarge(number, `at most ${limits.lineBytesMax} bytes a line`);
      }
      if (at === -1) continue;
      yield { number, bytes: Buffer.concat(parts, length) };
      number += 1;
      parts = [];
      length = 0;
    }
  }
  if (length > 0) yield { number, bytes: Buffer.concat(parts, length) };
}
