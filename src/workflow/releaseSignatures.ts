import type { SharedReport } from "#packet/entry.ts";
import { type Fault, InvalidInput, type Path } from "#packet/refusal.ts";
import type { Release } from "#packet/rollback.ts";
import type { Bindings, SourceProposal, Sources } from "#packet/source.ts";
import { releaseFaults } from "#proof/releaseStatement.ts";
import type { Desk } from "./desk.ts";
import { signersOf } from "./releaseKeys.ts";
import { inOneForm, nextTurn } from "./signatures.ts";

/** How many releases are verified before others get their turn. */
const VERIFIED_AT_ONCE = 4;

/** What keys are judged by. */
type Keys = Pick<Desk, "signers" | "revocations">;

const SIGN_ANEW =
  "have the release signed with a key that counts, and leave this one out with its signature";
const TRUST_ANOTHER = "is revoked: name a key in its place that is not";

/** A release of a component, and where in the input it stands. */
interface Placed {
  readonly component: string;
  readonly release: Release;
  readonly path: Path;
}

/**
 * A source whose releases are signed by whom they say, with no key that is revoked, each signature in
 * one form; every fault is named by its path.
 */
export async function provenSource(
  desk: Keys,
  source: SourceProposal,
): Promise<SourceProposal | InvalidInput> {
  if (source.kind !== "ROLLBACK_SCOPE") return source;
  const { packages, trainReleases } = source;
  const refused = await unproven(desk, [
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

/** The same of reports that a release initialised; none makes a revoked key trusted. */
export async function provenReports(
  desk: Keys,
  reports: readonly SharedReport[],
): Promise<readonly SharedReport[] | InvalidInput> {
  const releases = reports.flatMap((report, index) =>
    report.kind === "RELEASE_INITIALISATION" ? [placed(report, ["entries", index])] : [],
  );
  const faults = trustFaults(desk, reports);
  if (faults.length > 0) return new InvalidInput(faults);
  if (releases.length === 0) return reports;
  const refused = (await unproven(desk, releases)) ?? otherwiseSigned(reports);
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

async function unproven(desk: Keys, releases: readonly Placed[]): Promise<InvalidInput | null> {
  const faults: Fault[] = [];
  for (const [at, { component, release, path }] of releases.entries()) {
    if (at % VERIFIED_AT_ONCE === VERIFIED_AT_ONCE - 1) await nextTurn();
    const unsigned = releaseFaults(component, release);
    for (const fault of unsigned) {
      faults.push({ path: [...path, ...fault.path], message: fault.why });
    }
    if (unsigned.length > 0) continue;
    for (const { index, why } of revokedSigners(desk, release)) {
      faults.push({ path: [...path, "signedBy", index], message: `${why}; ${SIGN_ANEW}` });
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

/** Which of those who signed have a key that counts no more, by their places in `signedBy`, and why. */
function revokedSigners(
  { signers }: Pick<Keys, "signers">,
  release: Release,
): { readonly index: number; readonly why: string }[] {
  const reasons = new Map<string, string>();
  for (const key of signersOf(release)) {
    const why = signers.whyRevoked(key);
    if (why !== null) reasons.set(key.fingerprint, why);
  }
  return release.signedBy.flatMap((key, index) => {
    const why = reasons.get(key);
    return why === undefined ? [] : [{ index, why }];
  });
}

/** What would make a component trust a revoked key, or say that it is meant to. */
function trustFaults({ revocations }: Keys, reports: readonly SharedReport[]): Fault[] {
  const isRevoked = (key: string): boolean => isFingerprint(key) && revocations.revokesKey(key);
  return reports.flatMap((report, index): Fault[] => {
    const path = ["entries", index];
    if (report.kind === "KEY_ROTATION" && isRevoked(report.incoming)) {
      return [{ path: [...path, "incoming"], message: TRUST_ANOTHER }];
    }
    if (report.kind !== "COMPONENT_DECLARATION") return [];
    return report.intended.trustedKeys.flatMap((key, at) =>
      isRevoked(key)
        ? [{ path: [...path, "intended", "trustedKeys", at], message: TRUST_ANOTHER }]
        : [],
    );
  });
}

/** A mere name is in no list. */
function isFingerprint(key: string): boolean {
  return key.startsWith("SHA256:");
}

/**
 * Why a packet cannot be bound anew to this rollback scope: a release in it was signed, before it was
 * accepted, with a key that is revoked since. An older version that is bound to holds as it is.
 */
export function boundToRevoked(
  desk: Pick<Keys, "signers">,
  { ROLLBACK_SCOPE: version }: Bindings,
  { ROLLBACK_SCOPE: scope }: Partial<Sources>,
): InvalidInput | null {
  if (scope === undefined || scope.version !== version) return null;
  const { packages, trainReleases } = scope.content;
  const stale = [...packages, ...trainReleases].find(
    ({ release }) => revokedSigners(desk, release).length > 0,
  );
  if (stale === undefined) return null;
  const message = `has release ${stale.release.release} for ${stale.component}, signed with a key that is revoked: have it signed with another, accept the scope anew and bind to that`;
  return new InvalidInput([{ path: ["bindings", "ROLLBACK_SCOPE"], message }]);
}
