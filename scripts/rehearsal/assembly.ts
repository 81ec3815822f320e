import { on, onArtifacts, onPackageShifts, onPackages, onSafeguards } from "./holdNames.ts";
import { checks, confirmations, custody, safeguards, sealed, words } from "./evidence.ts";
import type { Incident, Stage } from "./incident.ts";
import { SCARCE_SHIFT, SHIFTS } from "./plan.ts";
import { askGate, countQuorum, lookAhead } from "./readings.ts";

/** From the opening, when almost everything holds, to the first READY_FOR_APPROVAL. */
export const ASSEMBLY: readonly Stage[] = [
  {
    title: "The packet opens",
    tells: ({ cast, props }) =>
      `${cast.preparer.actor} binds the packet to the accepted versions and confirms one digest, that of ` +
      `${props.early.name}. All prerequisites are judged at once: the register shows everything that holds.`,
    play: open,
  },
  {
    title: "Two enclaves attest",
    tells: ({ plan }) =>
      `${plan.enclaves.alder} and ${plan.enclaves.cedar} report themselves sealed and of the accepted measurement. ` +
      "Two are needed, so the silence of the spare is from now on an advisory and no hold.",
    play: attest,
  },
  {
    title: "Two rebuilders check every artifact",
    tells: () =>
      "Nothing is compiled here: each rebuilder stands in for a rebuild by fetching the bytes again in a " +
      "process of its own and hashing them in a way of its own, without being told what to find. One is not enough.",
    play: rebuildAll,
  },
  {
    title: "The signers commit",
    tells: ({ cast, keyHolders }) =>
      `The roster system reports the custodians; the others give their word themselves. A shift needs ` +
      `${keyHolders.threshold} signers and a custodian; ${cast.reserve.actor} stays out of the ${SCARCE_SHIFT} shift.`,
    play: commit,
  },
  {
    title: "The custodians show what can be gone back to",
    tells: () =>
      "Each hashes both rollback packages and names the seal of the media. Two must hold each package, and be there in every shift.",
    play: keep,
  },
  {
    title: "Publication is safeguarded",
    tells: () => "Registry release, mirror promotion and advisory timing are reported held back.",
    play: safeguard,
  },
  {
    title: "The digests are confirmed: ready for approval",
    tells: ({ props }) =>
      `Some time later the digest reader streams the bytes of the other ${props.firstManifest.length - 1} ` +
      "artifacts and hashes them. Nothing holds any more; the forecast says for how long.",
    play: confirm,
  },
];

const BINDINGS = { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 };

async function open({ run, plan, cast, props, observed }: Incident): Promise<void> {
  const { train } = run;
  const { alder, birch, cedar } = plan.enclaves;
  await run.accepted(() =>
    train.recordShared(cast.enclaveMonitor, [sealed(alder, "seal.alder.1")]),
  );
  run.done(
    cast.enclaveMonitor,
    `reports ${alder} before there is a packet; the opening folds it in`,
  );
  const { early, firstManifest } = props;
  const first = await confirmations([early]);
  const opened = [
    ...onArtifacts("REPRODUCIBILITY_REFERENCE_MISSING", firstManifest),
    ...onArtifacts(
      "DIGEST_CONFIRMATION_MISSING",
      firstManifest.filter((item) => item !== early),
    ),
    ...on("ENCLAVE_UNREPORTED", birch, cedar),
    ...on("SIGNER_QUORUM_MISSING", ...SHIFTS),
    ...onPackages("ROLLBACK_CUSTODY_GAP", props),
    ...onPackageShifts("CUSTODY_COVERAGE_GAP", props),
    ...onSafeguards("PUBLICATION_SAFEGUARD_MISSING"),
  ];
  observed.early = await run.step({ status: "ESCALATED", opened }, () =>
    train.packetOpen(cast.preparer, BINDINGS, first),
  );
}

async function attest({ run, plan, cast, observed }: Incident): Promise<void> {
  const { alder, birch, cedar } = plan.enclaves;
  const cleared = on("ENCLAVE_UNREPORTED", birch, cedar);
  observed.enclaves = await run.step({ status: "ESCALATED", cleared }, () =>
    run.train.recordShared(cast.enclaveMonitor, [
      sealed(alder, "seal.alder.1"),
      sealed(cedar, "seal.cedar.1"),
    ]),
  );
}

async function rebuildAll({ run, cast, props, signal }: Incident): Promise<void> {
  const [one, other] = cast.rebuilders;
  const { firstManifest } = props;
  const streamed = await checks(firstManifest, "STREAMED", signal);
  await run.step({ status: "ESCALATED" }, () => run.train.record(one, streamed));
  const whole = await checks(firstManifest, "WHOLE", signal);
  const cleared = onArtifacts("REPRODUCIBILITY_REFERENCE_MISSING", firstManifest);
  await run.step({ status: "ON_HOLD", cleared }, () => run.train.record(other, whole));
}

async function commit({ run, cast }: Incident): Promise<void> {
  const { custodians, core, reserve, rosterSystem } = cast;
  const reported = custodians.flatMap((person) => words(person, "COMMITTED", SHIFTS));
  await run.step({ status: "ON_HOLD" }, () => run.train.record(rosterSystem, reported));
  const others = core.slice(custodians.length);
  for (const person of others) {
    const isLast = person === others.at(-1);
    const cleared = isLast ? on("SIGNER_QUORUM_MISSING", ...SHIFTS) : [];
    await run.step({ status: "ON_HOLD", cleared }, () =>
      run.train.record(person, words(person, "COMMITTED", SHIFTS)),
    );
  }
  const elsewhere = SHIFTS.filter((shift) => shift !== SCARCE_SHIFT);
  await run.step({ status: "ON_HOLD" }, () =>
    run.train.record(reserve, words(reserve, "COMMITTED", elsewhere)),
  );
}

async function keep({ run, cast, props }: Incident): Promise<void> {
  const gaps = [
    ...onPackages("ROLLBACK_CUSTODY_GAP", props),
    ...onPackageShifts("CUSTODY_COVERAGE_GAP", props),
  ];
  for (const [index, custodian] of cast.custodians.entries()) {
    const entries = await custody(custodian, props);
    const cleared = index === 1 ? gaps : [];
    await run.step({ status: "ON_HOLD", cleared }, () => run.train.record(custodian, entries));
  }
}

async function safeguard({ run, cast }: Incident): Promise<void> {
  const cleared = onSafeguards("PUBLICATION_SAFEGUARD_MISSING");
  await run.step({ status: "ON_HOLD", cleared }, () =>
    run.train.record(cast.publicationDesk, safeguards()),
  );
}

async function confirm(incident: Incident): Promise<void> {
  const { run, pace, plan, cast, props, observed } = incident;
  await pace.passTo(observed.early + plan.readingDelayEpochs);
  await run.step({ status: "ON_HOLD" }, () =>
    run.train.recordShared(cast.enclaveMonitor, [sealed(plan.enclaves.birch, "seal.birch.1")]),
  );
  const rest = props.firstManifest.filter((item) => item !== props.early);
  const cleared = onArtifacts("DIGEST_CONFIRMATION_MISSING", rest);
  const read = await confirmations(rest);
  await run.step({ status: "READY_FOR_APPROVAL", cleared }, () =>
    run.train.record(cast.digestReader, read),
  );
  await lookAhead(run, {
    epoch: observed.early + plan.digestMaxAge + 1n,
    opened: onArtifacts("DIGEST_CONFIRMATION_STALE", [props.early]),
  });
  const everybody = cast.core.map(({ actor }) => actor);
  await countQuorum(run, [
    { shift: "morning", absencesSurvived: 1, breakingAbsences: [] },
    { shift: SCARCE_SHIFT, absencesSurvived: 0, breakingAbsences: everybody },
  ]);
  await askGate(run, { status: "CLOSED", reasons: ["NOT_APPROVED"] });
}
