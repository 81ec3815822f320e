import { createReadStream } from "node:fs";
import { BundleCheck, type BundleKeys } from "./bundleCheck.ts";
import { BundleTooLarge, fileLines } from "./bundleFileLines.ts";
import type { BundleReport } from "./bundleReport.ts";
import { faultText } from "./finding.ts";

/**
 * Checks a bundle by its bytes and the given public keys alone, with neither a network nor a
 * database. Resolves for every input, also for a file that cannot be read: whatever is wrong is a
 * finding, and only a report without findings proves anything.
 */
export async function verifyBundleFile(path: string, options: BundleKeys): Promise<BundleReport> {
  return verifyBundle(createReadStream(path), options);
}

/** {@link verifyBundleFile} of bytes as they come. */
export async function verifyBundle(
  chunks: AsyncIterable<Uint8Array>,
  options: BundleKeys,
): Promise<BundleReport> {
  const check = new BundleCheck(options);
  try {
    for await (const line of fileLines(chunks)) check.take(line);
  } catch (fault) {
    if (fault instanceof BundleTooLarge) {
      check.stop(fault.line, { kind: "FORM", expected: fault.expected, found: "more" });
    } else {
      const expected = "a file that can be read to its end";
      check.stop(0, { kind: "UNREADABLE", expected, found: faultText(fault) });
    }
  }
  return check.report();
}
