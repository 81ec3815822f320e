import { hashBytes } from "./hashing.ts";
import type { RebuildOrder, Rebuilt } from "./rebuildOrder.ts";

// A process of its own: it is told where bytes are, never which digest is expected of them.
process.once("message", (order: RebuildOrder) => {
  rebuild(order).then(tell, (fault: unknown) => {
    process.exitCode = 1;
    process.disconnect();
    throw fault;
  });
});

async function rebuild({ way, artifacts }: RebuildOrder): Promise<Rebuilt[]> {
  const rebuilt: Rebuilt[] = [];
  for (const { name, bytes } of artifacts) {
    rebuilt.push({ name, observed: await hashBytes(bytes, way) });
  }
  return rebuilt;
}

function tell(rebuilt: readonly Rebuilt[]): void {
  process.send?.(rebuilt, () => process.disconnect());
}
