import { Refusal } from "./refusal.ts";

/** The person decides by signature only, because a key is listed for their approvals. */
export class SignatureRequired extends Refusal {
  readonly code = "SIGNATURE_REQUIRED";
  readonly message =
    "a key is listed for your approvals, so an approval of yours needs its signature: sign the approval statement";
}

/** A signature that was given does not show what it should; `why` repeats nothing of it. */
export class SignatureInvalid extends Refusal {
  readonly code = "SIGNATURE_INVALID";
  readonly message: string;
  readonly why: string;
  constructor(why: string) {
    super();
    this.why = why;
    this.message = `the signature does not count: ${why}`;
  }
}
