import { on, onArtifacts, onPackages } from "./holdNames.ts";
import type { Incident, Stage, WithoutSignOn } from "./incident.ts";
import { askGate, lookAhead } from "./readings.ts";
import { TRAIN_MASVN, calendarSource, rollbackSource, windowSource } from "./sources.ts";
import { BY_SINGLE_SIGN_ON } from "./cast.ts";

/** What the fallback must not do: reintroduce a vulnerability, or hang on a clock or on single sign-on. */
export const SHUT_OUT: Stage = {
  title: "The train's own release would shut out its rollback packages",
  tells: () =>
    `A new rollback scope says that the train's release brings MASVN ${TRAIN_MASVN + 1}: once it has initialised, the kept ` +
    `packages of SVN ${TRAIN_MASVN} could not be installed any more. They hold before anything is signed; with the ` +
    "floor put off to a later release they are admissible again.",
  play: shutOut,
};

export const FROZEN: Stage = {
  title: "The epoch is frozen, and the mapping is accepted again",
  tells: ({ cast }) =>
    `${cast.proposer.actor} freezes the epoch. Time goes on and nothing lapses, nothing is approved, the gate is CLOSED. ` +
    "Thawed, people's times are of another mapping, until window and calendar are accepted again.",
  play: freeze,
};

/** The outage of single sign-on. */
export function signOnDown(outage: WithoutSignOn): Stage {
  return {
    title: "Single sign-on is down",
    tells: ({ cast }) =>
      `${BY_SINGLE_SIGN_ON.actor} has come by single sign-on until now, and is let in no more. ${cast.owner.actor} signs in ` +
      "with an OpenSSH key of their own, which needs neither a provider nor a clock, and goes on so.",
    play: (incident) => comeIn(incident, outage),
  };
}

async function shutOut(incident: Incident): Promise<void> {
  const { run, plan, cast, props, releases } = incident;
  const authority = cast.authorities.get("ROLLBACK_SCOPE") ?? cast.owner;
  const stale = on("ROLLBACK_SCOPE_STALE", "ROLLBACK_SCOPE");
  const inadmissible = onPackages("ROLLBACK_INADMISSIBLE", props);
  await run.step({ status: "ESCALATED", opened: [...stale, ...inadmissible] }, () =>
    run.train.sourceAccept(authority, rollbackSource(props, plan, TRAIN_MASVN + 1, releases)),
  );
  await run.step({ status: "ESCALATED", cleared: inadmissible }, () =>
    run.train.sourceAccept(authority, rollbackSource(props, plan, TRAIN_MASVN, releases)),
  );
  const bindings = {
    TRUSTED_BRANCH: 1,
    MANIFEST: 2,
    REPRODUCIBILITY_POLICY: 1,
    ROLLBACK_SCOPE: 3,
  };
  await run.step({ status: "READY_FOR_APPROVAL", cleared: stale }, () =>
    run.train.packetBind(cast.preparer, bindings),
  );
}

async function freeze(incident: Incident): Promise<void> {
  const { run, pace, plan, cast, props, observed } = incident;
  const { last } = run;
  const stale = on("TIME_MAPPING_STALE", "TIME");
  await run.step({ status: "ON_HOLD", standing: "LAPSED", opened: stale }, () =>
    run.train.epochFreeze(cast.proposer, "a clock of ours is not to be trusted"),
  );
  await run.refused(cast.owner, `to approve revision ${last.number}`, "APPROVAL_REFUSED", () =>
    run.train.approve(cast.owner, last.number, last.digest),
  );
  await pace.standStill(plan.epochMs);
  await lookAhead(run, {
    epoch: observed.reading + plan.digestMaxAge + 1n,
    opened: onArtifacts("DIGEST_CONFIRMATION_STALE", props.secondManifest),
  });
  const reasons = ["HOLDS_OPEN", "APPROVAL_LAPSED", "EPOCH_FROZEN"] as const;
  await askGate(run, { status: "CLOSED", reasons });
  await run.step({ status: "ON_HOLD", standing: "LAPSED" }, () =>
    run.train.epochThaw(cast.proposer, "the clock was mended"),
  );
  await acceptTimesAgain(incident);
  await askGate(run, { status: "CLOSED", reasons: ["APPROVAL_LAPSED"] });
}

/** Times are read from the deployment's own mapping: nobody looks at a clock. */
async function acceptTimesAgain({ run, plan, cast }: Incident): Promise<void> {
  const window = cast.authorities.get("SHIPMENT_WINDOW") ?? cast.owner;
  const calendar = cast.authorities.get("SHIFT_CALENDAR") ?? cast.owner;
  const now = await run.reader.time();
  // The calendar first: it covers the rest of the old window as well.
  await run.step({ status: "ON_HOLD", standing: "LAPSED" }, () =>
    run.train.sourceAccept(calendar, calendarSource(now)),
  );
  const cleared = on("TIME_MAPPING_STALE", "TIME");
  await run.step({ status: "READY_FOR_APPROVAL", standing: "LAPSED", cleared }, () =>
    run.train.sourceAccept(window, windowSource(now, plan, 0)),
  );
}

async function comeIn({ run, cast }: Incident, outage: WithoutSignOn): Promise<void> {
  if (!(await outage.comeBySignOn(BY_SINGLE_SIGN_ON))) run.fault("nobody comes by single sign-on");
  run.done(BY_SINGLE_SIGN_ON, "comes by single sign-on and reads the packet");
  await outage.goDown();
  run.done(BY_SINGLE_SIGN_ON, "is let in no more, although the token has not ended");
  if ((await outage.lastExercise(cast.owner)) !== null) run.fault("an exercise was recorded");
  await outage.ownerSignsIn();
  const { revision } = await run.reader.standing(run.train.packet);
  const epoch = await outage.lastExercise(cast.owner);
  if (epoch === null) run.fault("the sign-in was not recorded as an exercise");
  run.done(
    cast.owner,
    `signs in with a key of their own and reads revision ${revision}; that is their last exercise, of epoch ${epoch}`,
  );
}
