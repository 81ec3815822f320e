import type { DatabaseRole } from "#database/rights.ts";
import { type HttpDoor, openHttpDoor } from "#door/httpDoor.ts";
import type { Metrics } from "#door/metrics.ts";
import { MetricsPage } from "#door/metricsPage.ts";
import { Readiness } from "#door/readiness.ts";
import type { RedisWakes } from "#live/redisWakes.ts";
import type { Notary } from "#notary/notary.ts";
import type { Log } from "#packet/log.ts";
import { rateControlIn } from "#recovery/changeToken.ts";
import type { Desk } from "#workflow/desk.ts";
import type { AccessKeeping } from "./accessKeeping.ts";
import type { Config } from "./config.ts";
import type { Passports } from "./passports.ts";
import type { Revoking } from "./revoking.ts";

/** What the door tells of, and whom it asks. */
export interface DoorNeeds {
  readonly desk: Desk;
  readonly notary: Notary;
  readonly passports: Passports;
  readonly keeping: AccessKeeping;
  readonly metrics: Metrics;
  readonly relay: RedisWakes | null;
  readonly revoking: Revoking;
  readonly log: Log;
}

/** Listens for whoever asks whether the node is ready, for its metrics and its lists; nothing else is served yet. */
export function openDoor(
  config: Config,
  databaseRole: DatabaseRole,
  { desk, notary, passports, keeping, metrics, relay, revoking, log }: DoorNeeds,
): Promise<HttpDoor> {
  const { principals, oidc, signers, signIn } = passports;
  const readiness = new Readiness({
    isEmbedded: config.databaseUrl === null,
    databaseRole,
    moment: () => desk.ledger.moment(),
    principalsFault: () => principals.fault(),
    signersFault: () => signers.fault(),
    oidcState: async () => (await oidc?.state()) ?? null,
    lineageDoubt: () => notary.doubt(),
    rateControl: () => rateControlIn(desk.changes),
    revocationsFault: () => revoking.fault(),
    isWitnessed: () => notary.isWitnessed(),
    isRelayed: () => relay?.isConnected ?? null,
  });
  const page = new MetricsPage({
    metrics,
    ...keeping,
  });
  const { host, port } = config;
  const revocation = revoking.page(keeping);
  return openHttpDoor({ host, port, readiness, metrics: page, revocation, signIn, log });
}

/** What a browser sends as the origin of a page of this server's own, on this machine. */
export function ownOrigins(url: string): string[] {
  const { hostname, port } = new URL(url);
  const isLocal = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::]"].includes(hostname);
  const names = isLocal ? ["127.0.0.1", "localhost", "[::1]"] : [hostname];
  return names.map((name) => new URL(`http://${name}:${port}`).origin);
}
