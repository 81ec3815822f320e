import type { BundleForm, BundleLine } from "#proof/bundle.ts";
import { type CanonicalValue, canonicalBytes } from "#proof/canonical.ts";
import { hex } from "#proof/digest.ts";
import { type SealedLeaf, sealLeaf } from "#proof/saltedLeaf.ts";
import type { Revised } from "#gate/revise.ts";
import type { PacketState } from "#gate/state.ts";
import { arranged } from "#ledger/arranged.ts";
import { SECTIONS, type Section, changedLeaves } from "#ledger/sections.ts";

interface HeldLeaf extends SealedLeaf {
  readonly subject: string;
  readonly value: CanonicalValue;
}

/** Versions of bound sources and how the clock stands, which every reader sees (rule 7.1). */
const SHARED_SUBJECT = /^(?:CLOCK|BINDING [A-Z_]+)$/;

/** The packet document (rule 5.6) as it grows: the newest value of every subject, sealed. */
export class PacketDocument {
  readonly #salt: Uint8Array;
  /** By the key's hexadecimal digits. */
  readonly #leaves: Readonly<Record<Section, Map<string, HeldLeaf>>> = {
    decisions: new Map(),
    entries: new Map(),
    holds: new Map(),
    sources: new Map(),
  };

  constructor(salt: Uint8Array) {
    this.#salt = salt;
  }

  /** Takes in what one more revision changed. */
  take(before: PacketState | null, revised: Revised): void {
    const { revision } = revised.state;
    for (const { section, subject, value } of changedLeaves(before, revised)) {
      const told = arranged({ ...value, revision });
      const sealed = sealLeaf(this.#salt, section, subject, canonicalBytes(told));
      this.#leaves[section].set(hex(sealed.key), { ...sealed, subject, value: told });
    }
  }

  /** Its leaves in the order of a bundle: by section, then key. */
  *lines(form: BundleForm): Generator<BundleLine> {
    for (const section of SECTIONS) {
      const leaves = this.#leaves[section];
      for (const key of [...leaves.keys()].sort()) {
        const leaf = leaves.get(key);
        if (leaf !== undefined) yield lineOf(form, section, key, leaf);
      }
    }
  }
}

function lineOf(form: BundleForm, section: Section, key: string, leaf: HeldLeaf): BundleLine {
  const { subject, value } = leaf;
  if (form === "FULL") return { kind: "LEAF", section, subject, value };
  // Rule 7.2: whatever is not known to be shared is withheld.
  if (section !== "sources" || !SHARED_SUBJECT.test(subject)) {
    return { kind: "HIDDEN_LEAF", section, key, commitment: hex(leaf.commitment) };
  }
  const leafSalt = hex(leaf.leafSalt);
  return { kind: "DISCLOSED_LEAF", section, key, leafSalt, subject, value };
}
