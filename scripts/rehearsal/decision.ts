import { confirmations, sealed, words } from "./evidence.ts";
import { on } from "./holdNames.ts";
import { packetReportInput } from "./inputs.ts";
import type { Incident, Stage } from "./incident.ts";
import { SCARCE_SHIFT } from "./plan.ts";
import { askGate, lookAhead, preview, review } from "./readings.ts";

/** The owner decides, drift goes on, and the product stops. */
export const DECISION: readonly Stage[] = [
  {
    title: "The owner rejects once",
    tells: ({ cast }) =>
      `${cast.owner.actor} misses the reason for the re-freeze. Only a preparer's answer clears that, and then it is ready again.`,
    play: reject,
  },
  {
    title: "The owner approves",
    tells: ({ cast, run }) =>
      `${cast.owner.actor} approves revision ${run.last.number} by its full digest, checked word by word: ` +
      `${run.last.digestWords.join(" ")}.`,
    play: approve,
  },
  {
    title: "Evidence grows old: the approval is suspended, and stands again",
    tells: () =>
      "Nobody refreshed the two selected enclaves. Age alone opened these holds, so fresh reports under the same " +
      "seals restore the approval without the owner.",
    play: suspend,
  },
  {
    title: "A signer withdraws: the approval lapses",
    tells: ({ cast }) =>
      `What the withdrawal of ${cast.reserve.actor} would do is previewed first. Then it happens; and although the same ` +
      "person commits again, the approval is gone for good.",
    play: lapse,
  },
];

/** The end. */
export const STOP: Stage = {
  title: "The owner approves again: the gate says OPEN, and the product stops",
  tells: ({ cast, run }) =>
    `${cast.owner.actor} approves revision ${run.last.number}. There is nothing after this that the product ` +
    "could do: it neither signs nor publishes nor ships.",
  play: stop,
};

async function reject({ run, cast }: Incident): Promise<void> {
  const rejected = on("APPROVAL_REJECTED", "PACKET");
  await review(run, cast.owner, {
    sinceRevision: 1,
    changes: [
      "source MANIFEST 1 -> 2",
      "source ROLLBACK_SCOPE 1 -> 3",
      "binding MANIFEST 1 -> 2",
      "binding ROLLBACK_SCOPE 1 -> 3",
      "seating",
      "enclaves",
      "custody",
      "safeguards",
    ],
  });
  await run.step({ status: "ON_HOLD", opened: rejected }, () =>
    run.train.reject(cast.owner, "Why was the manifest frozen anew? Say so in the packet."),
  );
  await run.step({ status: "READY_FOR_APPROVAL", cleared: rejected }, () =>
    run.train.resubmit(
      cast.preparer,
      "One artifact was read with other bytes than were frozen; it was dropped and is quarantined.",
    ),
  );
}

/** The first lapse to come: the selected enclaves' attestation. */
function attestationLapse({ observed, plan }: Incident): {
  epoch: bigint;
  opened: ReturnType<typeof on>;
} {
  const opened = on("ENCLAVE_ATTESTATION_STALE", plan.enclaves.alder, plan.enclaves.cedar);
  return { epoch: observed.enclaves + plan.attestationMaxAge + 1n, opened };
}

async function approve(incident: Incident): Promise<void> {
  const { run, cast } = incident;
  await review(run, cast.owner, {
    sinceRevision: run.last.number - 1,
    changes: [],
  });
  await run.approve(cast.owner);
  const lapse = attestationLapse(incident);
  await lookAhead(run, lapse);
  await askGate(run, { status: "OPEN", validThroughEpoch: lapse.epoch - 1n });
}

async function suspend(incident: Incident): Promise<void> {
  const { run, pace, plan, cast, props, observed } = incident;
  const { alder, birch, cedar } = plan.enclaves;
  const { epoch, opened } = attestationLapse(incident);
  await pace.passToLapse(epoch, { status: "ON_HOLD", standing: "SUSPENDED", opened });
  await askGate(run, { status: "CLOSED", reasons: ["HOLDS_OPEN", "APPROVAL_SUSPENDED"] });
  const restored = { status: "APPROVED", standing: "STANDING", cleared: opened } as const;
  observed.enclaves = await run.step(restored, () =>
    run.train.recordShared(cast.enclaveMonitor, [
      sealed(alder, "seal.alder.1"),
      sealed(birch, "seal.birch.2"),
      sealed(cedar, "seal.cedar.1"),
    ]),
  );
  const read = await confirmations(props.secondManifest);
  observed.reading = await run.step({ status: "APPROVED", standing: "STANDING" }, () =>
    run.train.record(cast.digestReader, read),
  );
  const validThroughEpoch = observed.reading + plan.digestMaxAge;
  await askGate(run, { status: "OPEN", validThroughEpoch });
}

async function lapse({ run, cast }: Incident): Promise<void> {
  const { reserve } = cast;
  const held = on("SIGNER_QUORUM_MISSING", SCARCE_SHIFT);
  const withdrawal = words(reserve, "WITHDRAWN", [SCARCE_SHIFT]);
  const lapsed = { status: "ON_HOLD", standing: "LAPSED", opened: held } as const;
  const change = { as: reserve.actor, change: { entries: withdrawal.map(packetReportInput) } };
  await preview(
    run,
    `the withdrawal of ${reserve.actor} from the ${SCARCE_SHIFT} shift`,
    change,
    lapsed,
  );
  await run.step(lapsed, () => run.train.record(reserve, withdrawal));
  await askGate(run, { status: "CLOSED", reasons: ["HOLDS_OPEN", "APPROVAL_LAPSED"] });
  await run.step({ status: "READY_FOR_APPROVAL", standing: "LAPSED", cleared: held }, () =>
    run.train.record(reserve, words(reserve, "COMMITTED", [SCARCE_SHIFT])),
  );
  await askGate(run, { status: "CLOSED", reasons: ["APPROVAL_LAPSED"] });
}

async function stop({ run, plan, cast, observed, isAlone }: Incident): Promise<void> {
  const sinceRevision = (run.approved?.number ?? 0) + 1;
  const changes = isAlone ? ["source SHIPMENT_WINDOW 1 -> 2", "source SHIFT_CALENDAR 1 -> 2"] : [];
  await review(run, cast.owner, { sinceRevision, changes });
  await run.approve(cast.owner);
  const validThroughEpoch = observed.reading + plan.digestMaxAge;
  await askGate(run, { status: "OPEN", validThroughEpoch });
}
