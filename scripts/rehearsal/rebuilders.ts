import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Digest } from "#packet/name.ts";
import type { HashingWay } from "./hashing.ts";
import type { Holding } from "./holding.ts";
import type { RebuildOrder, Rebuilt } from "./rebuildOrder.ts";

const Found = z.array(z.strictObject({ name: z.string(), observed: Digest }));

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
  return Found.parse(answer[0]);
}
