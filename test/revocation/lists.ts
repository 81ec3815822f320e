import { type RevocationCopy, openRevocationCopy } from "#revocation/revocationCopy.ts";
import { SignatureInvalid } from "#packet/signatureRefusal.ts";
import {
  type RevocationList,
  REVOCATION_NAMESPACE,
  revocationListBytes,
  shardOf,
  signedListText,
} from "#proof/revocationList.ts";
import { verifySshSignature } from "#proof/sshVerify.ts";
import { SshFault } from "#proof/sshWire.ts";
import type { ReceivingGround } from "#revocation/revocationCopy.ts";
import { heardLog } from "../identity/heardLog.ts";
import { armor, blobOf, type MadeSigner, makeSigner, partsOf } from "../proof/sshMaker.ts";

export const DEPLOYMENT = "releases.example";

/** The key of ines, who issues lists here. */
export const INES = makeSigner({ type: "ssh-ed25519" });

/** A list of one shard as ines would issue it; what is left out is as it should be. */
export function listOf(
  revoked: readonly string[],
  more: Partial<RevocationList> = {},
): RevocationList {
  const shard = shardOf(revoked[0] ?? "");
  const sorted = [...new Set(revoked)].toSorted();
  return { deployment: DEPLOYMENT, shard, version: 1n, issuedBy: "ines", revoked: sorted, ...more };
}

/** The list as it is handed over. */
export function signedText(list: RevocationList, signer: MadeSigner = INES): Uint8Array {
  const bytes = revocationListBytes(list);
  return Buffer.from(
    signedListText(bytes, armor(blobOf(partsOf(signer, bytes, REVOCATION_NAMESPACE)))),
  );
}

/** An id that begins so and lies in this shard; a further one for each `nth`. */
export function idIn(shard: number, prefix: string, nth = 0): string {
  let left = nth;
  for (let number = 0; ; number += 1) {
    const id = `${prefix}${number}`;
    if (shardOf(id) !== shard) continue;
    if (left === 0) return id;
    left -= 1;
  }
}

/** Takes lists that ines has signed with her own key, and nobody else's. */
export const GROUND: ReceivingGround = {
  deployment: DEPLOYMENT,
  signers: {
    attend: () => Promise.resolve(),
    keyFor: (person, armored, message, namespace) => {
      if (person !== "ines") return new SignatureInvalid("its key is not listed");
      const key = verifySshSignature({ armored, message, namespace });
      if (key instanceof SshFault) return new SignatureInvalid(key.why);
      const isHers = Buffer.compare(key.wire, INES.wire) === 0;
      return isHers ? key.fingerprint : new SignatureInvalid("its key is not listed");
    },
  },
  whyNotBy: () => Promise.resolve(null),
  whyNotNow: () => Promise.resolve(null),
};

/** A node's copy whose clock the test moves, and what it logged. */
export async function openTestCopy(folder: string, node: string | null = null) {
  const { log, lines } = heardLog();
  const clock = { nowMs: 0 };
  const copy = await openRevocationCopy({ folder, node, log, now: () => clock.nowMs });
  return {
    copy,
    lines,
    /** Hands a list over when a second has passed since the last; resolves to `APPLIED`, `KNOWN` or every code of what is against it. */
    push: (list: RevocationList, text = signedText(list)): Promise<string> => {
      clock.nowMs += 1_000;
      return pushAt(copy, list, text);
    },
    /** The same at once. */
    pushNow: (list: RevocationList, text = signedText(list)) => pushAt(copy, list, text),
  };
}

async function pushAt(
  copy: RevocationCopy,
  { shard }: RevocationList,
  text: Uint8Array,
): Promise<string> {
  const received = await copy.receive(shard, text, GROUND);
  if (received.outcome !== "REFUSED") return received.outcome;
  return received.faults.map(({ code }) => code).join(" ");
}
