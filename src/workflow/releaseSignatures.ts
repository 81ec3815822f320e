import type { SharedReport } from "#packet/entry.ts";
import { type Fault, InvalidInput, type Path } from "#packet/refusal.ts";
import type { Release } from "#packet/rollback.ts";
import type { SourceProposal } from "#packet/source.ts";
import { releaseFaults } from "#proof/releaseStatement.ts";
import { inOneForm, nextTurn } from "./signatures.ts";

/** How many releases are verified before others get their turn. */
const VERIFIED_AT_ONCE = 4;

/** A release of a component, and where in the input it stands. */
interface Placed {
  readonly component: string;
  readonly release: Release;
  readonly path: Path;
}

/** A source whose releases are signed by whom they say, each signature in one form; every fault is named by its path. */
export async function provenSource(source: SourceProposal): Promise<SourceProposal | InvalidInput> {
  if (source.kind !== "ROLLBACK_SCOPE") return source;
  const { packages, trainReleases } = source;
  const refused = await unproven([
    ...packages.map((item, index) => placed(item, ["source", "packages", index])),
    ...trainReleases.map((item, index) => placed(item, ["source", "trainReleases", index])),
  ]);
  if (refused !== null) return refused;
  return {
    ...source,
    packages: packages.map(inForm),
    trainReleases: trainReleases.map(inForm),
  };
}

/** The same of reports that a release initialised. */
export async function provenReports(
  reports: readonly SharedReport[],
): Promise<readonly SharedReport[] | InvalidInput> {
  const releases = reports.flatMap((report, index) =>
    report.kind === "RELEASE_INITIALISATION" ? [placed(report, ["entries", index])] : [],
  );
  if (releases.length === 0) return reports;
  const refused = (await unproven(releases)) ?? otherwiseSigned(reports);
  if (refused !== null) return refused;
  return reports.map((report) =>
    report.kind === "RELEASE_INITIALISATION" ? inForm(report) : report,
  );
}

/** What a reporter signed cannot be brought into another form afterwards. */
function otherwiseSigned(reports: readonly SharedReport[]): InvalidInput | null {
  const faults = reports.flatMap((report, index): Fault[] => {
    if (report.kind !== "RELEASE_INITIALISATION" || report.signature === undefined) return [];
    const { signatures = [] } = report.release;
    const at = signatures.findIndex((armored) => inOneForm({ armored }).armored !== armored);
    if (at < 0) return [];
    const message = "must be in the form that ssh-keygen writes, because the report is signed too";
    return [{ path: ["entries", index, "release", "signatures", at], message }];
  });
  return faults.length === 0 ? null : new InvalidInput(faults);
}

function placed(
  { component, release }: { readonly component: string; readonly release: Release },
  path: Path,
): Placed {
  return { component, release, path: [...path, "release"] };
}

async function unproven(releases: readonly Placed[]): Promise<InvalidInput | null> {
  const faults: Fault[] = [];
  for (const [at, { component, release, path }] of releases.entries()) {
    if (at % VERIFIED_AT_ONCE === VERIFIED_AT_ONCE - 1) await nextTurn();
    for (const fault of releaseFaults(component, release)) {
      faults.push({ path: [...path, ...fault.path], message: fault.why });
    }
  }
  return faults.length === 0 ? null : new InvalidInput(faults);
}

function inForm<T extends { readonly release: Release }>(item: T): T {
  const { signatures } = item.release;
  if (signatures === undefined) return item;
  const kept = signatures.map((armored) => inOneForm({ armored }).armored);
  return { ...item, release: { ...item.release, signatures: kept } };
}
