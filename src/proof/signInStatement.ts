import { canonicalBytes } from "./canonical.ts";
import { isEpochText, membersOf } from "./statementForm.ts";

const FORMAT = "holdfast/sign-in/1";

/** The namespace in which sign-ins are signed (PROTOCOL.sshsig). */
export const SIGN_IN_NAMESPACE = "sign-in@holdfast";

/** How many epochs after its own a sign-in may last at most; with epochs of a minute, an hour. */
export const SIGN_IN_EPOCHS_MAX = 60n;

/** What somebody signs to say who asks, without any identity provider. */
export interface SignInStatement {
  readonly deployment: string;
  readonly principal: string;
  /** When it was made, in the deployment's own time: it counts from this epoch on. */
  readonly epoch: bigint;
  /** The last epoch in which it counts, at most {@link SIGN_IN_EPOCHS_MAX} later. */
  readonly validThroughEpoch: bigint;
}

/** The exact bytes that are signed: canonical JSON (RFC 8785), without a line feed at the end. */
export function signInStatementBytes(statement: SignInStatement): Uint8Array {
  const { deployment, principal, epoch, validThroughEpoch } = statement;
  return canonicalBytes({ deployment, principal, epoch, validThroughEpoch, format: FORMAT });
}

/** Reads what {@link signInStatementBytes} wrote; null for anything else. */
export function readSignInStatement(bytes: Uint8Array): SignInStatement | null {
  const members = membersOf(bytes);
  if (members === null) return null;
  const { deployment, principal, epoch, validThroughEpoch } = members;
  if (typeof deployment !== "string" || typeof principal !== "string") return null;
  if (!isEpochText(epoch) || !isEpochText(validThroughEpoch)) return null;
  const statement: SignInStatement = {
    deployment,
    principal,
    epoch: BigInt(epoch),
    validThroughEpoch: BigInt(validThroughEpoch),
  };
  // Whatever was passed over shows here.
  return Buffer.compare(signInStatementBytes(statement), bytes) === 0 ? statement : null;
}
