import type { Digest } from "#packet/name.ts";
import type { Bytes } from "./bytes.ts";

/** One artifact that may be frozen, and where its bytes are. `size` is in bytes. */
export interface Holding {
  readonly name: string;
  readonly digest: Digest;
  readonly size: number;
  readonly bytes: Bytes;
}
