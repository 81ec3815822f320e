import type { Material, SelectedEnclave } from "#packet/approval.ts";
import type { EntryOf } from "#packet/entry.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { AdvisoryCode, Finding, Hold, HoldCode } from "#packet/hold.ts";
import type { Digest, Name } from "#packet/name.ts";
import { type Moment, Notes, countingOf, entriesOf, isFresh } from "./evidence.ts";
import type { Sorted } from "./sorted.ts";
import type { Facts, Verdict } from "./state.ts";

interface AcceptedEnclave {
  readonly enclave: Name;
  readonly measurement: Digest;
}
type EnclaveReport = EntryOf<"ENCLAVE_REPORT">;

/** Rule 4.1.5 but for age: AVAILABLE, SEALED and of the accepted measurement. */
function isSound(
  accepted: AcceptedEnclave,
  report: EnclaveReport | undefined,
): report is EnclaveReport & { seal: Name } {
  return (
    report?.availability === "AVAILABLE" &&
    report.seal !== null &&
    report.measurement === accepted.measurement
  );
}

function fitReport(
  facts: Facts,
  accepted: AcceptedEnclave,
  at: Moment,
): (EnclaveReport & { seal: Name }) | undefined {
  const report = countingOf(facts, "ENCLAVE_REPORT", accepted.enclave);
  const { attestationMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  return isSound(accepted, report) && isFresh(report, attestationMaxAge, at) ? report : undefined;
}

/** The accepted enclaves that are fit, in accepted order. */
function fitEnclaves(facts: Facts, at: Moment): SelectedEnclave[] {
  return facts.sources.REQUIRED_ENCLAVES.content.enclaves.flatMap((accepted) => {
    const report = fitReport(facts, accepted, at);
    if (report === undefined) return [];
    return [{ enclave: accepted.enclave, measurement: accepted.measurement, seal: report.seal }];
  });
}

/** Rule 4.1.5: enough enclaves fit, and none unsealed or of another measurement, spare or not. */
export function judgeEnclaves(facts: Facts, epoch: Epoch, register: Sorted<Hold>): Verdict {
  const { enclaves, requiredEnclaves } = facts.sources.REQUIRED_ENCLAVES.content;
  const notes = new Notes(facts, epoch);
  const isShort = fitEnclaves(facts, { epoch, ageless: false }).length < requiredEnclaves;
  const isShortAgeless = fitEnclaves(facts, { epoch, ageless: true }).length < requiredEnclaves;
  const holds: Finding[] = [];
  for (const accepted of enclaves) {
    const report = countingOf(facts, "ENCLAVE_REPORT", accepted.enclave);
    holds.push(...wordFindings(facts, epoch, register, accepted, report));
    for (const lack of lacks(facts, epoch, accepted, report)) {
      const byAge = !isShortAgeless || lack.code === "ENCLAVE_ATTESTATION_STALE";
      const finding = { ...lack, subject: accepted.enclave, evidence: evidenceOf(report), byAge };
      if (isShort) holds.push(finding);
      else notes.advisories.push({ ...finding, byAge: false });
    }
    noteReport(facts, accepted, report, notes);
  }
  return { holds, advisories: notes.advisories, due: notes.due };
}

function evidenceOf(report: EnclaveReport | undefined): string[] {
  return report === undefined ? [] : [report.entry];
}

function noteReport(
  facts: Facts,
  accepted: AcceptedEnclave,
  report: EnclaveReport | undefined,
  notes: Notes,
): void {
  const { attestationMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  if (report !== undefined) notes.lookAgain(report.observedEpoch + attestationMaxAge + 1n);
  if (isSound(accepted, report)) notes.goodNews(report, attestationMaxAge);
  notes.unaccepted(entriesOf(facts, "ENCLAVE_REPORT", accepted.enclave));
}

/** What holds whenever it is the newest word, and then until the enclave is fit again. */
function wordFindings(
  facts: Facts,
  epoch: Epoch,
  register: Sorted<Hold>,
  accepted: AcceptedEnclave,
  report: EnclaveReport | undefined,
): Finding[] {
  if (fitReport(facts, accepted, { epoch, ageless: false }) !== undefined) return [];
  const { enclave } = accepted;
  const finding = (code: HoldCode, said: boolean, why: string): Finding[] => {
    const wasOpen = register.get(`${code} ${enclave}`)?.status === "OPEN";
    if (!said && !wasOpen) return [];
    return [{ code, subject: enclave, why, evidence: evidenceOf(report), byAge: false }];
  };
  const unsealed = report?.sealing === "UNSEALED";
  const mismatch = report !== undefined && report.measurement !== accepted.measurement;
  return [
    ...finding(
      "ENCLAVE_UNSEALED",
      unsealed,
      `enclave ${enclave} came unsealed and is not fit again`,
    ),
    ...finding(
      "ENCLAVE_MEASUREMENT_MISMATCH",
      mismatch,
      `enclave ${enclave} attested another measurement than the accepted one and is not fit again`,
    ),
  ];
}

interface Lack {
  readonly code: HoldCode & AdvisoryCode;
  readonly why: string;
}

/** What blocks only while too few enclaves are fit. */
function lacks(
  facts: Facts,
  epoch: Epoch,
  accepted: AcceptedEnclave,
  report: EnclaveReport | undefined,
): Lack[] {
  const { enclave } = accepted;
  if (report === undefined) {
    return [
      { code: "ENCLAVE_UNREPORTED", why: `nobody accepted has reported on enclave ${enclave}` },
    ];
  }
  const { attestationMaxAge } = facts.sources.FRESHNESS_POLICY.content;
  const found: Lack[] = [];
  if (report.availability === "UNAVAILABLE") {
    found.push({ code: "ENCLAVE_UNAVAILABLE", why: `enclave ${enclave} is reported unavailable` });
  }
  if (isSound(accepted, report) && !isFresh(report, attestationMaxAge, { epoch, ageless: false })) {
    const why = `the report on enclave ${enclave} is older than ${attestationMaxAge} epochs`;
    found.push({ code: "ENCLAVE_ATTESTATION_STALE", why });
  }
  return found;
}

/** Rule 5.4 and reading 20: the enclaves that would be used. */
export function selectEnclaves(
  facts: Facts,
  epoch: Epoch,
  approved: Material | null,
  previous: Material | null,
): readonly SelectedEnclave[] {
  const { requiredEnclaves } = facts.sources.REQUIRED_ENCLAVES.content;
  let fit = fitEnclaves(facts, { epoch, ageless: false });
  if (fit.length < requiredEnclaves) fit = fitEnclaves(facts, { epoch, ageless: true });
  if (fit.length < requiredEnclaves) return [];
  const isKept = (chosen: readonly SelectedEnclave[]): boolean =>
    chosen.length === requiredEnclaves &&
    chosen.every((enclave) => fit.some((other) => isSame(enclave, other)));
  const earlier = [approved, previous].map((material) => material?.enclaves ?? []);
  return earlier.find(isKept) ?? fit.slice(0, requiredEnclaves);
}

function isSame(left: SelectedEnclave, right: SelectedEnclave): boolean {
  return (
    left.enclave === right.enclave &&
    left.measurement === right.measurement &&
    left.seal === right.seal
  );
}
