import { afterEach, describe, expect, test } from "vitest";
import { CURSOR_CLAIMS } from "./cursorClaims.ts";
import { DELIVERY_CLAIMS } from "./deliveryClaims.ts";
import { RIGHTS_CLAIMS } from "./rightsClaims.ts";
import { Stage } from "./stage.ts";
import type { StreamWorld } from "./streamWorld.ts";
import type { Transport } from "./transports.ts";

/** What a stream must do, whatever carries it. */
export interface Claim {
  readonly claim: string;
  readonly show: (stage: Stage) => Promise<void>;
}

const CLAIMS: readonly Claim[] = [...DELIVERY_CLAIMS, ...CURSOR_CLAIMS, ...RIGHTS_CLAIMS];

/** Has claims shown with one client: every one, unless told otherwise. After each, nobody follows any more. */
export function conform(
  world: StreamWorld,
  transport: Transport,
  claims: readonly Claim[] = CLAIMS,
): void {
  describe(`with ${transport.name}`, () => {
    let stage: Stage | null = null;
    afterEach(async () => {
      await stage?.clear();
    });
    test.each(claims)("$claim", async ({ show }) => {
      stage = new Stage(world, transport);
      await expect(show(stage)).resolves.toBeUndefined();
    });
  });
}
