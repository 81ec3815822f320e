import { decideShared, NOTHING_KNOWN } from "#gate/decide/entries.ts";
import type { SharedSubject } from "#gate/dependencies.ts";
import type { ReportAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import type { Name } from "#packet/name.ts";
import type { Refusal } from "#packet/refusal.ts";
import { credentialOf } from "#packet/revocation.ts";
import { sha256Hex } from "#proof/digest.ts";
import { type RevocationList, revocationListBytes, shardText } from "#proof/revocationList.ts";
import type { Desk } from "./desk.ts";

/**
 * Gives the ledger everybody whom an applied list names and who is not revoked there yet: one
 * transaction, in which every open real packet that rests on them gets its revision (rule 3.6). The
 * issuer, whose signature the list has, is the reporter. Any number of nodes may do it for the same
 * list: it is done once. Null where there is nobody to add.
 */
export async function revocationRecord(
  { ledger, newId }: Pick<Desk, "ledger" | "newId">,
  list: RevocationList,
): Promise<ReportAnswer | Refusal | null> {
  const subjects = list.revoked.flatMap((id): SharedSubject[] => {
    const credential = credentialOf(id);
    if (credential.kind !== "PRINCIPAL") return [];
    return [{ kind: "CREDENTIAL_REVOCATION", name: credential.name }];
  });
  const known = namesIn((await ledger.shared(false, subjects)).entries);
  const added = subjects.filter(({ name }) => !known.has(name));
  if (added.length === 0) return null;
  const actor: Actor = { actor: list.issuedBy, kind: "PERSON", roles: ["RELEASE_SECURITY"] };
  const what = `revocation-${shardText(list.shard)}-${list.version}`;
  return ledger.report({
    exercise: false,
    asker: {
      actor,
      verb: "revocationRecord",
      // By its bytes: an issuer may have signed two lists of one version, and both are for good.
      idempotencyKey: `revocation-${sha256Hex(revocationListBytes(list))}`,
      input: ledger.deployment,
    },
    subjects: added,
    decide: ({ entries }, { epoch, doubt }) => {
      const present = namesIn(entries);
      const reports = added
        .filter(({ name }) => !present.has(name))
        .map(({ name }) => ({ kind: "CREDENTIAL_REVOCATION", person: name, note: what }) as const);
      const receiving = { actor, epoch, doubt, newId, reportNumber: null };
      return decideShared(NOTHING_KNOWN, reports, receiving);
    },
  });
}

function namesIn(
  entries: readonly { readonly kind: string; readonly person?: Name }[],
): ReadonlySet<Name> {
  return new Set(entries.flatMap(({ person }) => person ?? []));
}
