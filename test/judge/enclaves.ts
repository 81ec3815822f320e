import { hadNothingAged, isGood, wordsOf } from "./words.ts";
import type { View } from "./words.ts";
import type { EntryOf } from "./shapes.ts";

type Lack = "ENCLAVE_UNREPORTED" | "ENCLAVE_UNAVAILABLE" | "ENCLAVE_ATTESTATION_STALE";
type Wrong = "ENCLAVE_UNSEALED" | "ENCLAVE_MEASUREMENT_MISMATCH";

/** An accepted enclave with its counting report. */
interface Enclave {
  readonly enclave: string;
  readonly measurement: string;
  readonly report: EntryOf<"ENCLAVE_REPORT"> | undefined;
}

function acceptedEnclaves(view: View): Enclave[] {
  const reports = wordsOf(view, "ENCLAVE_REPORT");
  return view.known.sources.REQUIRED_ENCLAVES.content.enclaves.map((item) => ({
    ...item,
    report: reports.find((report) => report.enclave === item.enclave),
  }));
}

function isFit(view: View, item: Enclave): boolean {
  return item.report !== undefined && isGood(view, item.report);
}

/** Reading 9: the fit ones in accepted order, with measurement and seal. */
export function fitEnclaves(view: View) {
  return acceptedEnclaves(view)
    .filter((item) => isFit(view, item))
    .map(({ enclave, measurement, report }) => ({
      enclave,
      measurement,
      seal: report?.seal ?? "",
    }));
}

/** Rule 4.1.5: whether as many are fit as are needed. */
export function enoughAreFit(view: View): boolean {
  return fitEnclaves(view).length >= view.known.sources.REQUIRED_ENCLAVES.content.requiredEnclaves;
}

/** Reading 9: what is lacking, a hold while too few are fit and an advisory otherwise. */
export function enclavesLacking(view: View): { code: Lack; subject: string }[] {
  return acceptedEnclaves(view).flatMap((item) =>
    lacksOf(view, item).map((code) => ({ code, subject: item.enclave })),
  );
}

function lacksOf(view: View, item: Enclave): Lack[] {
  if (item.report === undefined) return ["ENCLAVE_UNREPORTED"];
  const lacks: Lack[] = [];
  if (item.report.availability === "UNAVAILABLE") lacks.push("ENCLAVE_UNAVAILABLE");
  // Section 4.1: a code in _STALE means that the evidence would do were it not too old.
  const isStale = !isFit(view, item) && isFit(hadNothingAged(view), item);
  if (isStale) lacks.push("ENCLAVE_ATTESTATION_STALE");
  return lacks;
}

/** Reading 9: what is wrong with an enclave, spare or not, until it is fit again. */
export function enclavesWrong(
  view: View,
  open: readonly { code: string; subject: string }[],
): { code: Wrong; subject: string }[] {
  return acceptedEnclaves(view).flatMap((item) => {
    const said: Wrong[] = [];
    if (item.report?.sealing === "UNSEALED") said.push("ENCLAVE_UNSEALED");
    if (item.report !== undefined && item.report.measurement !== item.measurement) {
      said.push("ENCLAVE_MEASUREMENT_MISMATCH");
    }
    const codes: Wrong[] = ["ENCLAVE_UNSEALED", "ENCLAVE_MEASUREMENT_MISMATCH"];
    return codes
      .filter((code) => {
        const isOpen = open.some((hold) => hold.code === code && hold.subject === item.enclave);
        return said.includes(code) || (isOpen && !isFit(view, item));
      })
      .map((code) => ({ code, subject: item.enclave }));
  });
}
