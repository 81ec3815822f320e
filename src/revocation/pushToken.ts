import type { Epoch } from "#packet/epoch.ts";
import { ChangeTokenNeeded, ChangeTokenRefused } from "#packet/changeRefusal.ts";
import type { SignedList } from "#proof/revocationList.ts";
import { changeText, describeChange, revocationChange } from "#recovery/change.ts";
import { type ChangeControl, changeTokenFaults, openChangeToken } from "#recovery/changeToken.ts";

/** Who decides how fast lists are pushed, and the epoch by which tokens are judged. */
export interface PushControl {
  readonly changes: ChangeControl;
  /** The newest epoch that is known here; null before the first. */
  readonly epoch: () => Promise<Epoch | null>;
}

/** Why a list that is otherwise in order is not pushed now. */
export interface PushFault {
  readonly code: "CHANGE_TOKEN_NEEDED" | "CHANGE_TOKEN_REFUSED" | "EPOCH_UNKNOWN";
  readonly message: string;
  /** What to ask the change-rate service for, as canonical JSON. */
  readonly change: string;
}

/**
 * Whether the change-rate service lets this list be pushed now: null where it does, or where nobody
 * controls the rate. A token names exactly this list, which a node applies once, as versions only
 * rise; so each node that it is pushed to takes the same token.
 */
export async function pushFault(
  { changes, epoch: epochOf }: PushControl,
  signed: Pick<SignedList, "list" | "digest">,
  token: string | undefined,
): Promise<PushFault | null> {
  const keys = await changes.keys();
  if (keys === "NOT_CONTROLLED") return null;
  const change = describeChange(signed.list.deployment, revocationChange(signed));
  const fault = (code: PushFault["code"], message: string): PushFault => {
    return { code, message, change: changeText(change) };
  };
  if (token === undefined) {
    const { code, message } = new ChangeTokenNeeded([change]);
    return fault(code, message);
  }
  const refused = (reasons: ChangeTokenRefused["reasons"]): PushFault => {
    const { code, message } = new ChangeTokenRefused(change, reasons);
    return fault(code, message);
  };
  if (keys === "KEYS_UNUSABLE") return refused([keys]);
  const opened = await openChangeToken(token, keys);
  if (typeof opened === "string") return refused([opened]);
  const epoch = await epochOf();
  if (epoch === null) {
    return fault("EPOCH_UNKNOWN", "the epoch is not known here yet: hand it over again");
  }
  const reasons = changeTokenFaults(opened, change, epoch);
  return reasons.length === 0 ? null : refused(reasons);
}
