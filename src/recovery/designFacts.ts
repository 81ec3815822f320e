import type { ClockDoubt } from "#packet/approval.ts";
import type { Epoch } from "#packet/epoch.ts";

/** A component, as far as it is known. */
export interface DesignComponent {
  readonly component: string;
  /** What it is and how it is meant to be; null where nobody has declared it. */
  readonly declared: {
    readonly kind: string;
    readonly release: string;
    readonly digest: string;
    readonly floor: number;
    readonly denied: readonly string[];
    readonly trustedKeys: readonly string[];
    readonly keySlots: number | null;
    readonly spareParts: readonly string[];
  } | null;
  /** What is recorded that it refuses; null where nothing is. */
  readonly recorded: {
    readonly floor: number;
    readonly denied: readonly string[];
    readonly trustedKeys: readonly string[];
    readonly retiredKeys: readonly string[];
    /** Rotations under way, in words. */
    readonly rotations: readonly string[];
    /** The denied digests that the floor refuses anyway. */
    readonly redundant: readonly string[];
    /** How many key slots are taken; null where it has none. */
    readonly keySlotsUsed: number | null;
  } | null;
  /** Ways down to a vulnerable release that it leaves open: what would be installed, one after the other. */
  readonly waysDown: readonly (readonly string[])[];
  /** False when there were too many states to search them all for ways down: then there may be more. */
  readonly isSearchWhole: boolean;
  readonly deviations: readonly DesignDeviation[];
}

/** One way in which a component is not as it was declared, with what would remove it. */
export interface DesignDeviation {
  readonly code: string;
  readonly about: readonly string[];
  readonly expected: string;
  readonly found: string;
  readonly repair: string;
}

/** A package that a packet may fall back to. */
export interface DesignPackage {
  readonly packet: string;
  readonly train: string;
  readonly package: string;
  readonly component: string;
  readonly release: string;
  readonly svn: number;
  /** The MASVN that the train's own release brings to the component; null where it has none. */
  readonly masvn: number | null;
  /** Codes of open holds about it. */
  readonly holds: readonly string[];
}

/** How time is counted, and who says how fast. */
export interface DesignClock {
  readonly epochMs: number;
  readonly tickGapMaxMs: number;
  readonly generation: number;
  readonly doubt: ClockDoubt | null;
  /** CONTROLLED where changes of it need a token of the change-rate service. */
  readonly control: "CONTROLLED" | "NOT_CONTROLLED" | "KEYS_UNUSABLE";
}

/** Whose credentials no longer count, and the node's own copy of the lists; a shard is two hexadecimal digits. */
export interface DesignRevocation {
  /** Of those whom an open packet depends on, in order of name. */
  readonly people: readonly string[];
  /** The lists that it holds, by shard. */
  readonly lists: readonly { readonly shard: string; readonly version: bigint }[];
  /** How many credentials are in them. */
  readonly count: number;
  /** The node's own credential and its shard; null where it has none. */
  readonly node: { readonly name: string; readonly shard: string } | null;
  /** What is wrong with the copy, in words. */
  readonly faults: readonly string[];
}

/** Somebody who is to be let in when nothing else lets anybody in, and their last exercise. */
export interface DesignResponder {
  readonly person: string;
  /** The epoch of their last real use of the emergency path; null for never. */
  readonly lastExercise: Epoch | null;
  /** Whether they may sign in offline at all. */
  readonly isLetIn: boolean;
  /** Why they are not ready, by a code; null where the path would carry them. */
  readonly unready: string | null;
  /** What the plan says of them, in words; null where it does not name them. */
  readonly planned: string | null;
}

/** Emergency access. */
export interface DesignEmergency {
  /** What the plan says, one line of Markdown each; null where there is no plan. */
  readonly plan: readonly string[] | null;
  /** What the audit of its dependencies finds. */
  readonly findings: readonly {
    readonly code: string;
    readonly why: string;
    readonly chain: readonly string[];
  }[];
  readonly responders: readonly DesignResponder[];
  /** Who approves, by train, and whether they can sign in offline. */
  readonly owners: readonly {
    readonly train: string;
    readonly owner: string;
    /** What the lane asks for, in words; null where it asks for no exercise. */
    readonly policy: string | null;
  }[];
}

/** A key that signs releases, that is revoked, and that a component still goes by. */
interface DesignRevokedKey {
  readonly component: string;
  readonly key: string;
  /** Whether the component trusts it. */
  readonly isTrusted: boolean;
  /** Releases in open packets' rollback scopes that it signed. */
  readonly releases: readonly string[];
}

/** Everything that the recovery design document is made of. */
export interface DesignFacts {
  readonly deployment: string;
  readonly exercise: boolean;
  readonly epoch: Epoch;
  readonly components: readonly DesignComponent[];
  readonly packages: readonly DesignPackage[];
  /** In order of component and key. */
  readonly revokedKeys: readonly DesignRevokedKey[];
  readonly clock: DesignClock;
  readonly revocation: DesignRevocation;
  readonly emergency: DesignEmergency;
  /** Open packets whose lineage cannot be read. */
  readonly unreadable: readonly string[];
}
