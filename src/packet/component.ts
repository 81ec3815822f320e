import { z } from "zod";
import { DENIED_MAX, KEYS_MAX, KEY_SLOTS_MAX, SPARE_PARTS_MAX } from "./limits.ts";
import { Digest, Name, distinctList } from "./name.ts";
import { observed } from "./observed.ts";
import { SecurityVersion, SigningKey } from "./rollback.ts";

/**
 * What updates a component. An APPLICATION is installed by others; a SYSTEM updates itself; FIRMWARE
 * updates itself too, keeps its keys in slots that are programmed once, and has spare parts that
 * come with old versions.
 */
export const ComponentKind = z.enum(["APPLICATION", "SYSTEM", "FIRMWARE"]);
export type ComponentKind = z.infer<typeof ComponentKind>;

/** From where a component's state was seen: by the component itself, or by somebody apart from it. */
export const Standpoint = z.enum(["OWN", "OUTSIDE"]);
export type Standpoint = z.infer<typeof Standpoint>;

/** What a component refuses, as whoever reports or declares it says. */
const refusing = {
  floor: SecurityVersion,
  denied: z.array(Digest).max(DENIED_MAX),
  /** An empty list trusts every key. */
  trustedKeys: z.array(SigningKey).max(KEYS_MAX),
};

/** How a component is meant to be. */
const IntendedState = z.strictObject({ release: Name, digest: Digest, ...refusing });
export type IntendedState = z.infer<typeof IntendedState>;

const KeySlots = z.int().min(0).max(KEY_SLOTS_MAX);

/** A part on the shelf, with the release that it comes with. */
const SparePart = z.strictObject({ release: Name, svn: SecurityVersion });
export type SparePart = z.infer<typeof SparePart>;

/** What a component is and how it is meant to be; a newer declaration takes the place of an older one whole. */
export const ComponentDeclaration = z
  .strictObject({
    kind: z.literal("COMPONENT_DECLARATION"),
    component: Name,
    componentKind: ComponentKind,
    intended: IntendedState,
    /** How many keys FIRMWARE can ever hold; nothing else has slots. */
    keySlots: KeySlots.min(1).optional(),
    /** The parts of FIRMWARE that may yet be put in. */
    spareParts: distinctList(SparePart, SPARE_PARTS_MAX, (part) => part.release).optional(),
    ...observed,
  })
  .superRefine((declaration, context) => {
    for (const [path, message] of contradictionsOf(declaration)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });

/** What is declared of a component. */
export interface Declared {
  readonly componentKind: ComponentKind;
  readonly intended: IntendedState;
  readonly keySlots?: number | undefined;
  readonly spareParts?: readonly SparePart[] | undefined;
}

type Contradiction = readonly [path: readonly string[], message: string];

/** What no component could be. */
function contradictionsOf(declared: Declared): Contradiction[] {
  const { componentKind, intended, keySlots, spareParts } = declared;
  const found: Contradiction[] = [];
  if (intended.denied.includes(intended.digest)) {
    found.push([["intended", "denied"], "holds the digest of the intended release itself"]);
  }
  if (componentKind === "FIRMWARE") {
    if (keySlots === undefined) found.push([["keySlots"], "must be given for FIRMWARE"]);
    else if (intended.trustedKeys.length > keySlots) {
      found.push([["intended", "trustedKeys"], `has more keys than the ${keySlots} slots`]);
    }
    return found;
  }
  if (keySlots !== undefined) found.push([["keySlots"], "is for FIRMWARE only"]);
  if (spareParts !== undefined) found.push([["spareParts"], "is for FIRMWARE only"]);
  return found;
}

/** What a component now refuses, and runs. Each report repeats what the earlier ones said: nothing is ever admitted again. */
export const ComponentReport = z.strictObject({
  kind: z.literal("COMPONENT_STATE"),
  component: Name,
  ...refusing,
  /** The digest of what it runs; left out where the reporter does not know. */
  running: Digest.optional(),
  /** Left out it means OWN. */
  standpoint: Standpoint.optional(),
  /** How many of its key slots are programmed. */
  keySlotsUsed: KeySlots.optional(),
  ...observed,
});

/** One way in which a component is not as it was declared. */
export const DeviationCode = z.enum([
  "UNREPORTED",
  "RUNNING_ANOTHER",
  "UNCONFIRMED",
  "INTENDED_DENIED",
  "FLOOR_TOO_LOW",
  "FLOOR_TOO_HIGH",
  "DENY_ENTRY_MISSING",
  "DENY_ENTRY_UNDECLARED",
  "EVERY_KEY_TRUSTED",
  "KEY_MISSING",
  "KEY_UNDECLARED",
  "KEY_SLOTS_EXCEEDED",
]);
export type DeviationCode = z.infer<typeof DeviationCode>;

/** A deviation with what would remove it. It is shown to people; nothing here repairs anything. */
export interface Deviation {
  readonly code: DeviationCode;
  /** The digests or keys that it is about, in order of name; empty where it is about none. */
  readonly about: readonly string[];
  readonly expected: string;
  readonly found: string;
  readonly repair: string;
}
