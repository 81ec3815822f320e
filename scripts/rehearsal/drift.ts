import {
  confirmations,
  checks,
  damagedConfirmation,
  revoked,
  sealed,
  seen,
  unsealed,
  words,
} from "./evidence.ts";
import { damaged, hashStreamed } from "./hashing.ts";
import { on, onArtifacts } from "./holdNames.ts";
import type { Incident, Stage } from "./incident.ts";
import { SCARCE_SHIFT } from "./plan.ts";
import { manifestSource } from "./sources.ts";

/** Everything drifts: each hold opens with its cause, and is cleared by what meets it. */
export const DRIFT: readonly Stage[] = [
  {
    title: "A signer withdraws",
    tells: ({ cast }) =>
      `${cast.core.at(-1)?.actor} takes back the word for the ${SCARCE_SHIFT} shift, which just filled its seats. ` +
      `The owner cannot approve over it. Then ${cast.relief.actor} steps in.`,
    play: withdraw,
  },
  {
    title: "That signer's credential is revoked",
    tells: ({ cast }) =>
      `Release security revokes the credential of ${cast.relief.actor}. Nothing rests on it from now on, and there is ` +
      `no way back: the ${SCARCE_SHIFT} shift loses its quorum at once. Then ${cast.reserve.actor} steps in.`,
    play: revoke,
  },
  {
    title: "An enclave comes unsealed",
    tells: ({ plan }) =>
      `${plan.enclaves.birch} is only a spare, but an unsealed enclave holds whatever its use, until it is fit again under a new seal.`,
    play: unseal,
  },
  {
    title: "A digest confirmation grows old",
    tells: ({ props }) =>
      `Nobody does anything: at its epoch the preparer's confirmation of ${props.early.name} is too old, ` +
      "as was forecast. The digest reader hashes those bytes.",
    play: growOld,
  },
  {
    title: "An artifact outside the manifest appears",
    tells: ({ props }) =>
      `The registry watch sees ${props.copied.name} on a mirror with one bit turned: a manifest name with another ` +
      "digest is outside the manifest. It is quarantined by its digest.",
    play: appear,
  },
  {
    title: "A frozen artifact is found damaged",
    tells: ({ props }) =>
      `The digest reader gets ${props.damaged.name} with one bit turned and says so: its word disagrees, and nobody ` +
      "else's agrees.",
    play: findDamaged,
  },
  {
    title: "The manifest is re-frozen",
    tells: ({ props }) =>
      `Version 2 drops ${props.damaged.name} and ${props.withdrawn.name} and adds ${props.added[0].name} and ` +
      `${props.added[1].name}. What is dropped leaves the scope, and must be quarantined; what is added is unknown.`,
    play: refreeze,
  },
];

async function withdraw({ run, cast }: Incident): Promise<void> {
  const signer = cast.core.at(-1) ?? cast.reserve;
  const ready = run.last;
  const held = on("SIGNER_QUORUM_MISSING", SCARCE_SHIFT);
  await run.step({ status: "ON_HOLD", opened: held }, () =>
    run.train.record(signer, words(signer, "WITHDRAWN", [SCARCE_SHIFT])),
  );
  await run.refused(cast.owner, `to approve revision ${ready.number}`, "APPROVAL_REFUSED", () =>
    run.train.approve(cast.owner, ready.number, ready.digest),
  );
  await run.step({ status: "READY_FOR_APPROVAL", cleared: held }, () =>
    run.train.record(cast.relief, words(cast.relief, "COMMITTED", [SCARCE_SHIFT])),
  );
}

async function revoke({ run, cast }: Incident): Promise<void> {
  const held = on("SIGNER_QUORUM_MISSING", SCARCE_SHIFT);
  await run.step({ status: "ON_HOLD", opened: held }, () =>
    run.train.recordShared(cast.proposer, [revoked(cast.relief)]),
  );
  await run.step({ status: "READY_FOR_APPROVAL", cleared: held }, () =>
    run.train.record(cast.reserve, words(cast.reserve, "COMMITTED", [SCARCE_SHIFT])),
  );
}

async function unseal({ run, plan, cast }: Incident): Promise<void> {
  const { birch } = plan.enclaves;
  const held = on("ENCLAVE_UNSEALED", birch);
  await run.step({ status: "ON_HOLD", opened: held }, () =>
    run.train.recordShared(cast.enclaveMonitor, [unsealed(birch)]),
  );
  await run.step({ status: "READY_FOR_APPROVAL", cleared: held }, () =>
    run.train.recordShared(cast.enclaveMonitor, [sealed(birch, "seal.birch.2")]),
  );
}

async function growOld({ run, pace, plan, cast, props, observed }: Incident): Promise<void> {
  const held = onArtifacts("DIGEST_CONFIRMATION_STALE", [props.early]);
  const due = observed.early + plan.digestMaxAge + 1n;
  await pace.passToLapse(due, { status: "ON_HOLD", opened: held });
  const again = await confirmations([props.early]);
  await run.step({ status: "READY_FOR_APPROVAL", cleared: held }, () =>
    run.train.record(cast.digestReader, again),
  );
}

async function appear({ run, cast, props }: Incident): Promise<void> {
  const { name, bytes } = props.copied;
  const digest = await hashStreamed(damaged(bytes));
  const held = on("ARTIFACT_NOT_QUARANTINED", `${name} ${digest}`);
  await run.step({ status: "ON_HOLD", opened: held }, () =>
    run.train.record(cast.registryWatch, [seen(name, digest, "mirror-north")]),
  );
  await run.step({ status: "READY_FOR_APPROVAL", cleared: held }, () =>
    run.train.record(cast.quarantineDesk, [
      { kind: "QUARANTINE", selector: { by: "DIGEST", digest }, status: "IN_FORCE" },
    ]),
  );
}

async function findDamaged({ run, cast, props }: Incident): Promise<void> {
  const opened = [
    ...onArtifacts("DIGEST_MISMATCH", [props.damaged]),
    ...onArtifacts("DIGEST_CONFIRMATION_MISSING", [props.damaged]),
  ];
  const word = await damagedConfirmation(props.damaged);
  await run.step({ status: "ON_HOLD", opened }, () => run.train.record(cast.digestReader, [word]));
}

async function refreeze(incident: Incident): Promise<void> {
  const { run, cast, props } = incident;
  const { damaged: broken, withdrawn, added, secondManifest } = props;
  const authority = cast.authorities.get("MANIFEST") ?? cast.owner;
  const binding = on("MANIFEST_BINDING_STALE", "MANIFEST");
  const dropped = onArtifacts("ARTIFACT_NOT_QUARANTINED", [broken, withdrawn]);
  const opened = [
    ...binding,
    ...dropped,
    ...onArtifacts("DIGEST_CONFIRMATION_MISSING", added),
    ...onArtifacts("REPRODUCIBILITY_REFERENCE_MISSING", added),
  ];
  const outOfScope = [
    ...onArtifacts("DIGEST_MISMATCH", [broken]),
    ...onArtifacts("DIGEST_CONFIRMATION_MISSING", [broken]),
  ];
  await run.step({ status: "ESCALATED", opened, outOfScope }, () =>
    run.train.sourceAccept(authority, manifestSource(secondManifest)),
  );
  await acknowledge(incident);
  await run.step({ status: "ESCALATED", cleared: binding }, () =>
    run.train.packetBind(cast.preparer, {
      TRUSTED_BRANCH: 1,
      MANIFEST: 2,
      REPRODUCIBILITY_POLICY: 1,
      ROLLBACK_SCOPE: 1,
    }),
  );
  await run.step({ status: "ESCALATED", cleared: dropped }, () =>
    run.train.record(cast.quarantineDesk, [
      { kind: "QUARANTINE", selector: { by: "MANIFEST", version: 1 }, status: "IN_FORCE" },
    ]),
  );
  await proveAdded(incident);
}

/** Rule 3.8: the mismatch is named with its versions and its authority; acknowledging it clears nothing. */
async function acknowledge({ run, cast }: Incident): Promise<void> {
  const escalations = await run.reader.escalations(run.train.packet);
  const found = escalations.find(({ hold }) => hold.code === "MANIFEST_BINDING_STALE");
  if (found?.bound !== 1 || found.accepted !== 2) run.fault("the escalation names other versions");
  else {
    run.done(
      cast.proposer,
      `reads: the packet is bound to ${found.source} version ${found.bound}, accepted is version ` +
        `${found.accepted}; ${found.authority} settles it. And acknowledges that, which clears nothing`,
    );
  }
  await run.step({ status: "ESCALATED" }, () =>
    run.train.acknowledge(cast.proposer, "the re-freeze is known; the packet will be bound anew"),
  );
}

/** The whole new manifest is read once more, and what was added is rebuilt. */
async function proveAdded({ run, cast, props, observed, signal }: Incident): Promise<void> {
  const { added, secondManifest } = props;
  const [one, other] = cast.rebuilders;
  const read = await confirmations(secondManifest);
  const confirmed = onArtifacts("DIGEST_CONFIRMATION_MISSING", added);
  observed.reading = await run.step({ status: "ESCALATED", cleared: confirmed }, () =>
    run.train.record(cast.digestReader, read),
  );
  const streamed = await checks(added, "STREAMED", signal);
  await run.step({ status: "ESCALATED" }, () => run.train.record(one, streamed));
  const whole = await checks(added, "WHOLE", signal);
  const cleared = onArtifacts("REPRODUCIBILITY_REFERENCE_MISSING", added);
  await run.step({ status: "READY_FOR_APPROVAL", cleared }, () => run.train.record(other, whole));
}
