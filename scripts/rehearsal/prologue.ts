import type { AuthorityKind } from "#packet/source.ts";
import type { Incident, Stage } from "./incident.ts";
import { laneSource, otherSources } from "./sources.ts";

/** Before there is a packet: who decides, and what upstream work has settled. */
export const PROLOGUE: readonly Stage[] = [
  {
    title: "Two people put an approval lane in force",
    tells: ({ cast }) =>
      `The signing and attestation services are down. One release-security person proposes who decides ` +
      `(${cast.owner.actor}) and who may accept each kind of source; only another may confirm it.`,
    play: agreeOnLane,
  },
  {
    title: "The outage is declared, and each authority accepts its sources",
    tells: ({ stock, keyHolders }) =>
      `The manifest is frozen from ${stock.holdings.length} artifacts on this machine; the roster and its ` +
      `threshold are the ${keyHolders.people.length} root key holders of ${keyHolders.repository}, of whom ` +
      `${keyHolders.threshold} must sign. People give times; they become epochs once, now.`,
    play: acceptSources,
  },
];

async function agreeOnLane({ run, cast }: Incident): Promise<void> {
  const { train } = run;
  const lane = laneSource(cast);
  const { proposal, digest } = await run.accepted(() => train.lanePropose(cast.proposer, lane));
  run.done(cast.proposer, `proposes the approval lane ${digest.slice(0, 15)}`);
  await run.refused(cast.proposer, "to confirm it too", "DUTIES_NOT_SEPARATE", () =>
    train.laneConfirm(cast.proposer, proposal, digest),
  );
  await run.accepted(() => train.laneConfirm(cast.confirmer, proposal, digest));
  run.done(cast.confirmer, "confirms it, naming its digest: version 1 is in force");
}

async function acceptSources({
  run,
  plan,
  cast,
  props,
  keyHolders,
  releases,
}: Incident): Promise<void> {
  const accepted = new Map<string, AuthorityKind[]>();
  const now = await run.reader.time();
  for (const source of otherSources({ plan, cast, props, keyHolders, releases, now })) {
    const authority = cast.authorities.get(source.kind);
    if (authority === undefined) throw new Error(`nobody may accept ${source.kind}`);
    await run.accepted(() => run.train.sourceAccept(authority, source));
    accepted.set(authority.actor, [...(accepted.get(authority.actor) ?? []), source.kind]);
  }
  for (const authority of new Set(cast.authorities.values())) {
    const kinds = accepted.get(authority.actor);
    if (kinds === undefined) continue;
    accepted.delete(authority.actor);
    run.done(authority, `accepts ${kinds.join(", ")}`);
  }
}
