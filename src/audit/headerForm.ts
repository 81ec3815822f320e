import { type RevisionHeader, REVISION_FORMAT, headerBytes, readHeader } from "#ledger/document.ts";
import { faultText } from "./finding.ts";

/** What a chain is checked by; the rest of a header is judged. */
export type ChainMembers = Pick<
  RevisionHeader,
  "deployment" | "packet" | "exercise" | "number" | "predecessor" | "body"
>;

const WORD = "[A-Z_]+";
const HASH = "[0-9a-f]{64}";
const WHOLE = "(?:0|[1-9][0-9]{0,14})";
const PLAIN = "[0-9A-Za-z.:-]*";

/** The form of nearly every header: members in order, each in its one spelling. */
const HEADER = new RegExp(
  [
    `^\\{"actorKind":"${WORD}"`,
    `"approves":(?:null|\\{"digest":"${HASH}","revision":${WHOLE}\\})`,
    `"at":"${PLAIN}"`,
    `"body":"(${HASH})"`,
    `"cause":"${WORD}"`,
    `"deployment":"(${PLAIN})"`,
    `"epoch":"(?:0|[1-9][0-9]*)"`,
    `"exercise":(true|false)`,
    `"format":"${REVISION_FORMAT}"`,
    `"materialDigest":"${HASH}"`,
    `"number":(${WHOLE})`,
    `"openHolds":${WHOLE}`,
    `"packet":"(${PLAIN})"`,
    `"predecessor":(?:null|"(${HASH})")`,
    `"sections":\\{"decisions":"${HASH}","entries":"${HASH}","holds":"${HASH}","sources":"${HASH}"\\}`,
    `"status":"${WORD}"\\}$`,
  ].join(","),
);

/**
 * A header whose bytes are exactly those that its members are written as; else why not. What has
 * the usual form is taken apart as it stands, at a fraction of the cost of reading and writing it
 * again, which settles everything else.
 */
export function readStrictly(bytes: Uint8Array): ChainMembers | string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  const [, body, deployment, exercise, number, packet, predecessor] = HEADER.exec(text) ?? [];
  if (body !== undefined && deployment !== undefined && packet !== undefined) {
    const isExercise = exercise === "true";
    const linked = predecessor ?? null;
    return {
      body,
      deployment,
      exercise: isExercise,
      number: Number(number),
      packet,
      predecessor: linked,
    };
  }
  try {
    const header = readHeader(bytes);
    const again = headerBytes(header);
    return Buffer.compare(bytes, again) === 0 ? header : "another spelling, or other members";
  } catch (fault) {
    return faultText(fault);
  }
}
