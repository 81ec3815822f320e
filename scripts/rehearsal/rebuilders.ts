import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Digest } from "#packet/name.ts";
import type { HashingWay } from "./hashing.ts";
import type { Holding } from "./manifest.ts";
import type { RebuildOrder } from "./rebuilderProcess.ts";

const Rebuilt = z.strictObject({ name: z.string(), observed: Digest });
/** What a rebuilder found. */
export type Rebuilt = z.infer<typeof Rebuilt>;

/**
 * Stands in for a rebuild from source: another process fetches the bytes again and hashes them in
 * its own way, without being told what to find. Nothing is compiled.
 */
export async function rebuild(
  holdings: readonly Holding[],
  way: HashingWay,
  signal: AbortSignal,
): Promise<Rebuilt[]> {
  const child = fork(fileURLToPath(new URL("./rebuilderProcess.ts", import.meta.url)), { signal });
  const ended = once(child, "exit");
  const order: RebuildOrder = {
    way,
    artifacts: holdings.map(({ name, bytes }) => ({ name, bytes })),
  };
  child.send(order);
  const answer = await Promise.race([once(child, "message"), ended.then(() => null)]);
  if (answer === null) throw new Error("a rebuilder ended without an answer");
  await ended;
  return z.array(Rebuilt).parse(answer[0]);
}
