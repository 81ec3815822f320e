import type { Digest } from "#packet/name.ts";
import type { Bytes } from "./bytes.ts";
import type { HashingWay } from "./hashing.ts";

/** What a rebuilder is asked to make anew: where bytes are, never which digest is expected of them. */
export interface RebuildOrder {
  readonly way: HashingWay;
  readonly artifacts: readonly { readonly name: string; readonly bytes: Bytes }[];
}

/** What a rebuilder found. */
export interface Rebuilt {
  readonly name: string;
  readonly observed: Digest;
}
