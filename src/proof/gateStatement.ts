import { NotCanonical, canonical } from "./canonical.ts";
import { readCanonical } from "./readCanonical.ts";

/** The first line, which no checkpoint has: its first line is the log's origin. */
const FORMAT = "holdfast/gate-statement/v1";

/**
 * Rule 5.7: that the gate of a packet is OPEN. Past `validThroughEpoch`, or unreadable, it means
 * CLOSED. Digests are 64 hexadecimal digits.
 */
export interface GateStatement {
  readonly deployment: string;
  readonly packet: string;
  /** True for practice, never to be taken for real. */
  readonly exercise: boolean;
  /** The head that was judged, its digest and its material. */
  readonly revision: number;
  readonly digest: string;
  readonly materialDigest: string;
  /** What the owner approved, and the revision that records it. */
  readonly approval: {
    readonly revision: number;
    readonly digest: string;
    readonly recordedIn: number;
  };
  /** When it was judged. */
  readonly epoch: bigint;
  readonly validThroughEpoch: bigint;
}

/** A text that is no gate statement, which means CLOSED. */
class GateStatementMalformed extends Error {
  override readonly name = "GateStatementMalformed";
}

/** What is signed, as the text of a note: the format's name, then canonical JSON (RFC 8785). */
export function gateStatementText(statement: GateStatement): string {
  const { approval, ...rest } = statement;
  const { revision, digest, recordedIn } = approval;
  return `${FORMAT}\n${canonical({ ...rest, approval: { revision, digest, recordedIn } })}\n`;
}

/**
 * Reads the text of a note whose signature was verified.
 *
 * @throws {GateStatementMalformed} if it is anything but what {@link gateStatementText} writes.
 */
export function readGateStatement(text: string): GateStatement {
  const [format, document, end, ...more] = text.split("\n");
  if (format !== FORMAT || document === undefined || end !== "" || more.length > 0) {
    throw new GateStatementMalformed(`it does not start with ${FORMAT} and one line more`);
  }
  const stated = membersOf(document);
  const approval = objectOf(stated["approval"]);
  const statement: GateStatement = {
    deployment: textOf(stated, "deployment"),
    packet: textOf(stated, "packet"),
    exercise: stated["exercise"] === true,
    revision: numberOf(stated, "revision"),
    digest: digestOf(stated, "digest"),
    materialDigest: digestOf(stated, "materialDigest"),
    approval: {
      revision: numberOf(approval, "revision"),
      digest: digestOf(approval, "digest"),
      recordedIn: numberOf(approval, "recordedIn"),
    },
    epoch: epochOf(stated, "epoch"),
    validThroughEpoch: epochOf(stated, "validThroughEpoch"),
  };
  // Whatever was passed over, or read as something else than it says, shows here.
  if (gateStatementText(statement) !== text) {
    throw new GateStatementMalformed("it says more or other than a gate statement does");
  }
  return statement;
}

type Members = Readonly<Record<string, unknown>>;

function membersOf(document: string): Members {
  try {
    return objectOf(readCanonical(Buffer.from(document, "utf8")));
  } catch (fault) {
    if (!(fault instanceof NotCanonical)) throw fault;
    throw new GateStatementMalformed(fault.message, { cause: fault });
  }
}

function objectOf(value: unknown): Members {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new GateStatementMalformed("it lacks an object");
}

function textOf(members: Members, name: string): string {
  const value = members[name];
  if (typeof value === "string" && value !== "") return value;
  throw new GateStatementMalformed(`${name} is no text`);
}

function digestOf(members: Members, name: string): string {
  const value = textOf(members, name);
  if (/^[0-9a-f]{64}$/.test(value)) return value;
  throw new GateStatementMalformed(`${name} is no digest`);
}

function numberOf(members: Members, name: string): number {
  const value = members[name];
  if (typeof value === "number" && value > 0) return value;
  throw new GateStatementMalformed(`${name} is no number of a revision`);
}

function epochOf(members: Members, name: string): bigint {
  const value = textOf(members, name);
  if (/^(?:0|[1-9][0-9]{0,18})$/.test(value)) return BigInt(value);
  throw new GateStatementMalformed(`${name} is no epoch`);
}
