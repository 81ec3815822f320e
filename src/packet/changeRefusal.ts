import type { Change, ChangeTokenFault } from "./change.ts";
import { Refusal } from "./refusal.ts";

/** How fast things change is decided elsewhere: this waits for a token that allows it. */
export class ChangeTokenNeeded extends Refusal {
  readonly code = "CHANGE_TOKEN_NEEDED";
  readonly message =
    "this waits: each of these changes needs a token of the change-rate service for exactly it. Until then nothing changes, and holds are shown as ever";
  /** Every change for which no token was brought. */
  readonly changes: readonly Change[];
  constructor(changes: readonly Change[]) {
    super();
    this.changes = changes;
  }
}

const TOLD: Readonly<Record<ChangeTokenFault, string>> = {
  NOT_A_TOKEN: "it is no change token",
  NOT_SIGNED: "no key of the key set signed it",
  KEYS_UNUSABLE: "the key set cannot be used, so no token counts: mend its file",
  OTHER_DEPLOYMENT: "it is for another deployment",
  OTHER_KIND: "it is for another kind of change",
  OTHER_CHANGE: "it is for another change",
  TOO_EARLY: "its first epoch is not reached",
  TOO_LATE: "its last epoch is over",
  ALREADY_USED: "it was used already",
};

/** The token does not allow this change; every reason is listed. */
export class ChangeTokenRefused extends Refusal {
  readonly code = "CHANGE_TOKEN_REFUSED";
  readonly message: string;
  readonly change: Change;
  readonly reasons: readonly ChangeTokenFault[];
  constructor(change: Change, reasons: readonly ChangeTokenFault[]) {
    super();
    this.change = change;
    this.reasons = reasons;
    this.message = `the token does not allow this: ${reasons.map((reason) => TOLD[reason]).join("; ")}`;
  }
}
