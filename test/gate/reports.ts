import type { PacketReport, QuarantineSelector, Report, SharedReport } from "#packet/entry.ts";
import type { Release } from "#packet/rollback.ts";
import type { ContentOf } from "#packet/source.ts";
import { CONTENTS, artifact, digestOf, release } from "./train.ts";

/** What reporters say about the small train: good news unless told otherwise. */

type Of<K extends Report["kind"]> = Extract<Report, { kind: K }>;

export function confirmation(
  name: string,
  changed: Partial<Of<"DIGEST_CONFIRMATION">> = {},
): PacketReport {
  const digest = digestOf(name);
  return { kind: "DIGEST_CONFIRMATION", artifact: name, digest, observed: digest, ...changed };
}

export function rebuild(
  name: string,
  changed: Partial<Of<"REPRODUCIBILITY_CHECK">> = {},
): PacketReport {
  const digest = digestOf(name);
  return { kind: "REPRODUCIBILITY_CHECK", artifact: name, digest, observed: digest, ...changed };
}

export function commitment(
  name: string,
  shift: string,
  changed: Partial<Of<"AVAILABILITY">> = {},
): PacketReport {
  return { kind: "AVAILABILITY", person: name, shift, status: "COMMITTED", ...changed };
}

export function withdrawal(name: string, shift: string): PacketReport {
  return commitment(name, shift, { status: "WITHDRAWN" });
}

export function held(custodian: string, changed: Partial<Of<"CUSTODY">> = {}): PacketReport {
  const digest = digestOf("r1");
  const bag = { seal: `bag-${custodian}`, digest, observed: digest };
  return { kind: "CUSTODY", package: "back", custodian, status: "HELD", ...bag, ...changed };
}

export function safeguard(name: string, status: "ENGAGED" | "DISENGAGED"): PacketReport {
  return { kind: "SAFEGUARD", target: "registry", safeguard: name, status };
}

/** `content` is what the artifact was made of, which gives its digest. */
export function sighting(
  name: string,
  content: string,
  location: string,
  status: "SEEN" | "GONE" = "SEEN",
): PacketReport {
  return { kind: "OBSERVATION", artifact: name, digest: digestOf(content), location, status };
}

export function quarantine(
  selector: QuarantineSelector,
  status: "IN_FORCE" | "LIFTED" = "IN_FORCE",
): PacketReport {
  return { kind: "QUARANTINE", selector, status };
}

export function byDigest(content: string): QuarantineSelector {
  return { by: "DIGEST", digest: digestOf(content) };
}

export function enclave(name: string, changed: Partial<Of<"ENCLAVE_REPORT">> = {}): SharedReport {
  return {
    kind: "ENCLAVE_REPORT",
    enclave: name,
    availability: "AVAILABLE",
    sealing: "SEALED",
    seal: "seal-1",
    measurement: digestOf("good"),
    ...changed,
  };
}

export function unsealed(name: string): SharedReport {
  return enclave(name, { sealing: "UNSEALED", seal: null });
}

export function revocation(name: string): SharedReport {
  return { kind: "CREDENTIAL_REVOCATION", person: name };
}

export function component(
  floor: number,
  changed: Partial<Of<"COMPONENT_STATE">> = {},
): SharedReport {
  const empty = { denied: [], trustedKeys: [] };
  return { kind: "COMPONENT_STATE", component: "core", floor, ...empty, ...changed };
}

/** The same component declared to be as the small train's own release leaves it. */
export function declaration(
  changed: Partial<Of<"COMPONENT_DECLARATION">> = {},
  meant: Partial<Of<"COMPONENT_DECLARATION">["intended"]> = {},
): SharedReport {
  const digest = digestOf("r2");
  const intended = { release: "r2", digest, floor: 0, denied: [], trustedKeys: [], ...meant };
  return {
    kind: "COMPONENT_DECLARATION",
    component: "core",
    componentKind: "SYSTEM",
    intended,
    ...changed,
  };
}

/** The small train's way in when nothing else answers: these people respond, from two regions. */
export function emergencyPlan(
  people: readonly string[],
  changed: Partial<Of<"EMERGENCY_PLAN">> = {},
): SharedReport {
  const responders = people.map((name, index) => ({
    person: name,
    keys: [`SHA256:${"A".repeat(43)}`],
    provisionedEpoch: 0n,
    lifetimeEpochs: 500n,
    immediate: index < 2,
    region: index % 2 === 0 ? "east" : "west",
  }));
  return {
    kind: "EMERGENCY_PLAN",
    responders,
    immediateMax: 2,
    provisionEveryEpochs: 200n,
    longestOutageEpochs: 100n,
    regions: [
      { region: "east", needs: [] },
      { region: "west", needs: [] },
    ],
    ways: [
      {
        way: "console",
        wayKind: "ACCESS_PATH",
        settings: ["10.0.0.5/24"],
        dependsOn: [],
        replaces: ["sso"],
      },
      { way: "radio", wayKind: "CHANNEL", settings: [], dependsOn: [], replaces: ["chat"] },
    ],
    services: [
      { service: "sso", dependsOn: ["dns"] },
      { service: "chat", dependsOn: ["sso"] },
      { service: "dns", dependsOn: [] },
    ],
    ...changed,
  };
}

/** Somebody saw from outside that the component runs what it is declared to. */
export function seen(changed: Partial<Of<"COMPONENT_STATE">> = {}): SharedReport {
  return component(0, { running: digestOf("r2"), standpoint: "OUTSIDE", ...changed });
}

/** A release that ran on the same component. */
export function initialisation(changed: Partial<Release> = {}, component = "core"): SharedReport {
  return {
    kind: "RELEASE_INITIALISATION",
    component,
    release: { ...release("r2", 5, 4), ...changed },
  };
}

/** A rotation of that component's key. */
export function rotation(changed: Partial<Of<"KEY_ROTATION">> = {}): SharedReport {
  const keys = { outgoing: "key-1", incoming: "key-2" };
  return { kind: "KEY_ROTATION", component: "core", mode: "OVERLAP", ...keys, ...changed };
}

/** Somebody used the emergency path; the reporter must be the same person. */
export function exercise(
  name: string,
  how: "OFFLINE_SIGN_IN" | "APPROVAL_SIGNATURE" = "OFFLINE_SIGN_IN",
): SharedReport {
  return { kind: "EMERGENCY_EXERCISE", person: name, how };
}

/** A lane that asks for exercises no older than `maxAgeEpochs`, and holds for want of them or shows it. */
export function askingLane(maxAgeEpochs: bigint, holds: boolean): ContentOf<"APPROVAL_LANE"> {
  return { ...CONTENTS.APPROVAL_LANE, emergencyAccess: { maxAgeEpochs, holds } };
}

/** A freshness policy under which nothing ages in a window's time, but for what is named. */
export function ages(
  changed: Partial<ContentOf<"FRESHNESS_POLICY">> = {},
): ContentOf<"FRESHNESS_POLICY"> {
  const long = 1000n;
  return {
    kind: "FRESHNESS_POLICY",
    digestMaxAge: long,
    reproducibilityMaxAge: long,
    attestationMaxAge: long,
    availabilityMaxAge: long,
    custodyMaxAge: long,
    safeguardMaxAge: long,
    quarantineMaxAge: long,
    absenceMaxAge: long,
    ...changed,
  };
}

/** A manifest of these names; `contents` replaces what one is made of, and so its digest. */
export function manifest(
  names: readonly string[],
  contents: Readonly<Record<string, string>> = {},
): ContentOf<"MANIFEST"> {
  return { kind: "MANIFEST", artifacts: names.map((name) => artifact(name, contents[name])) };
}

/** The accepted enclaves, all of one measurement, and how many are needed. */
export function enclaves(
  names: readonly string[],
  requiredEnclaves = 1,
): ContentOf<"REQUIRED_ENCLAVES"> {
  const measurement = digestOf("good");
  const accepted = names.map((name) => ({ enclave: name, measurement }));
  return { kind: "REQUIRED_ENCLAVES", enclaves: accepted, requiredEnclaves };
}

/** The small train's rollback scope with another release in its package. */
export function rollbackScope(
  kept: Partial<ContentOf<"ROLLBACK_SCOPE">["packages"][number]["release"]>,
  changed: Partial<ContentOf<"ROLLBACK_SCOPE">> = {},
): ContentOf<"ROLLBACK_SCOPE"> {
  const scope = CONTENTS.ROLLBACK_SCOPE;
  const packages = scope.packages.map((item) => ({
    ...item,
    release: { ...item.release, ...kept },
  }));
  return { ...scope, packages, ...changed };
}
