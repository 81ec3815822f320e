import type { Actor } from "#packet/actor.ts";
import {
  commitment,
  component,
  emergencyPlan,
  confirmation,
  declaration,
  enclave,
  held,
  initialisation,
  quarantine,
  revocation,
  rotation,
  safeguard,
} from "../gate/reports.ts";
import { digestOf } from "../gate/train.ts";
import { IVAN, PAUL, PROBE, REX, SCOUT } from "./cast.ts";
import { type RefusalRow, about, invalid, key } from "./refusalRow.ts";
import { type Wire, onWire } from "./trains.ts";

function entries(...reports: object[]): RefusalRow["ask"] {
  return about("ready", PAUL, { entries: reports.map(onWire) });
}

function sharing(by: Actor, more: Wire, ...reports: object[]): RefusalRow["ask"] {
  return () => ({
    by,
    input: { ...key(), exercise: false, entries: reports.map(onWire), ...more },
  });
}

const ENTRIES: readonly RefusalRow[] = [
  invalid(
    "readinessRecord",
    "about an artifact that is not in the manifest",
    entries(confirmation("app"), confirmation("unheard-of")),
    ["entries", 1, "artifact"],
  ),
  invalid(
    "readinessRecord",
    "about a person and a shift that nobody knows, both named",
    entries(commitment("nobody", "never")),
    ["entries", 0, "person"],
    ["entries", 0, "shift"],
  ),
  invalid(
    "readinessRecord",
    "about a package and a custodian that nobody knows",
    entries({ ...held("nobody"), package: "nothing" }),
    ["entries", 0, "package"],
    ["entries", 0, "custodian"],
  ),
  invalid(
    "readinessRecord",
    "about a target that is not in the scope",
    entries({ ...safeguard("REGISTRY_RELEASE", "ENGAGED"), target: "nowhere" }),
    ["entries", 0, "target"],
  ),
  invalid(
    "readinessRecord",
    "about a safeguard that the target does not need",
    entries(safeguard("MIRROR_PROMOTION", "ENGAGED")),
    ["entries", 0, "safeguard"],
  ),
  invalid(
    "readinessRecord",
    "of a quarantine by a manifest that was never accepted",
    entries(quarantine({ by: "MANIFEST", version: 8 })),
    ["entries", 0, "selector"],
  ),
  invalid(
    "readinessRecord",
    "of what is yet to be observed (rule 4.3.2)",
    entries({ ...confirmation("app"), observedEpoch: "9" }),
    ["entries", 0, "observedEpoch"],
  ),
  invalid(
    "readinessRecord",
    "of what is older than the same reporter's newest word (rule 4.3.2)",
    entries({ ...confirmation("lib"), observedEpoch: "0" }),
    ["entries", 0, "observedEpoch"],
  ),
  invalid(
    "readinessRecord",
    "of two things about one subject",
    entries(confirmation("app"), commitment("ana", "early"), confirmation("app")),
    ["entries", 2, "kind"],
  ),
  invalid(
    "readinessRecord",
    "of a system that does not number its report (rule 4.3.2)",
    about("ready", PROBE, { entries: [onWire(confirmation("app"))] }),
    ["reportNumber"],
  ),
  invalid(
    "readinessRecord",
    "of a person who does (rule 4.3.2)",
    about("ready", PAUL, { entries: [onWire(confirmation("app"))], reportNumber: "1" }),
    ["reportNumber"],
  ),
  {
    verb: "readinessRecord",
    why: "under a number that was used (rule 4.3.2)",
    ask: about("ready", PROBE, { entries: [onWire(confirmation("app"))], reportNumber: "1" }),
    code: "REPORT_REPLAYED",
  },
];

/** Looks at reports without recording them. */
function previewing(...reports: readonly object[]): RefusalRow["ask"] {
  const change = { kind: "SHARED_ENTRIES", entries: reports.map(onWire) };
  return (at) => ({ by: REX, input: { packet: at.ready.packet, change } });
}

const SHARED: readonly RefusalRow[] = [
  invalid(
    "sharedRecord",
    "of what is yet to be observed (rule 4.3.2)",
    sharing(PAUL, {}, { ...enclave("ready-north"), observedEpoch: "9" }),
    ["entries", 0, "observedEpoch"],
  ),
  invalid(
    "sharedRecord",
    "of two things about one enclave",
    sharing(PAUL, {}, enclave("ready-north"), enclave("ready-north")),
    ["entries", 1, "kind"],
  ),
  invalid(
    "sharedRecord",
    "of an enclave that is unsealed and has a seal",
    sharing(PAUL, {}, enclave("ready-north", { sealing: "UNSEALED" })),
    ["entries", 0, "seal"],
  ),
  invalid(
    "componentReport",
    "of a component that would admit again what it refused",
    sharing(
      REX,
      {},
      component(2, { component: "core-of-ready", standpoint: "OUTSIDE", keySlotsUsed: 2 }),
    ),
    ["entries", 0, "floor"],
  ),
  invalid(
    "componentReport",
    "of a component with fewer used key slots than before",
    sharing(
      REX,
      {},
      component(3, { component: "core-of-ready", standpoint: "OUTSIDE", keySlotsUsed: 1 }),
    ),
    ["entries", 0, "keySlotsUsed"],
  ),
  invalid(
    "componentReport",
    "of a component's own word by who saw it from outside",
    sharing(REX, {}, component(3, { component: "core-of-ready", keySlotsUsed: 2 })),
    ["entries", 0, "standpoint"],
  ),
  invalid(
    "componentDeclare",
    "of a component that denies the release which it is meant to run",
    sharing(REX, {}, declaration({}, { denied: [digestOf("r2")] })),
    ["entries", 0, "intended", "denied"],
  ),
  invalid(
    "componentDeclare",
    "of firmware without a number of key slots",
    sharing(REX, {}, declaration({ componentKind: "FIRMWARE" })),
    ["entries", 0, "keySlots"],
  ),
  invalid(
    "componentDeclare",
    "of firmware that trusts more keys than it has slots",
    sharing(
      REX,
      {},
      declaration({ componentKind: "FIRMWARE", keySlots: 1 }, { trustedKeys: ["key-1", "key-2"] }),
    ),
    ["entries", 0, "intended", "trustedKeys"],
  ),
  invalid(
    "componentDeclare",
    "of a system with key slots",
    sharing(REX, {}, declaration({ keySlots: 4 })),
    ["entries", 0, "keySlots"],
  ),
  invalid(
    "componentDeclare",
    "of an application with spare parts",
    sharing(
      REX,
      {},
      declaration({ componentKind: "APPLICATION", spareParts: [{ release: "r1", svn: 4 }] }),
    ),
    ["entries", 0, "spareParts"],
  ),
  invalid(
    "enclaveReport",
    "of a system that does not number its report (rule 4.3.2)",
    sharing(SCOUT, {}, enclave("ready-north")),
    ["reportNumber"],
  ),
  {
    verb: "enclaveReport",
    why: "under a number that was used (rule 4.3.2)",
    ask: sharing(PROBE, { reportNumber: "1" }, enclave("ready-north")),
    code: "REPORT_REPLAYED",
  },
  {
    verb: "credentialRevoke",
    why: "by a reporter",
    ask: sharing(PAUL, {}, revocation("ana")),
    code: "NOT_ENTITLED",
  },
  {
    verb: "releaseInitialise",
    why: "of a release that the component refuses",
    ask: sharing(REX, {}, initialisation({ svn: 2, masvn: 0 }, "core-of-ready")),
    code: "RELEASE_INADMISSIBLE",
  },
  invalid(
    "releaseInitialise",
    "of a release that somebody is only said to have signed",
    sharing(REX, {}, initialisation({ signedBy: ["key-1"] })),
    ["entries", 0, "release", "signedBy", 0],
  ),
  {
    verb: "keyRotate",
    why: "of firmware to the last of its slots",
    ask: sharing(REX, {}, rotation({ component: "slots-of-ready" })),
    code: "KEY_SLOTS_EXHAUSTED",
  },
  invalid("keyRotate", "to the same key", sharing(REX, {}, rotation({ incoming: "key-1" })), [
    "entries",
    0,
    "incoming",
  ]),
  invalid(
    "keyRotate",
    "that ends no overlap and does not say that it is sudden",
    sharing(REX, {}, rotation({ mode: "OVERLAP_END" })),
    ["entries", 0, "mode"],
  ),
  {
    verb: "changePreview",
    why: "of a release that the component would refuse",
    ask: previewing(component(9, { component: "odd" }), initialisation({}, "odd")),
    code: "RELEASE_INADMISSIBLE",
  },
  {
    verb: "changePreview",
    why: "of a rotation to the last slot",
    ask: previewing(declaration({ componentKind: "FIRMWARE", keySlots: 2 }), rotation()),
    code: "KEY_SLOTS_EXHAUSTED",
  },
  {
    verb: "componentDeclare",
    why: "by an operator",
    ask: sharing(IVAN, {}, declaration()),
    code: "NOT_ENTITLED",
  },
  {
    verb: "componentDeclare",
    why: "by a system, which decides nothing (rule 5.3)",
    ask: sharing({ ...REX, kind: "SYSTEM" }, { reportNumber: "1" }, declaration()),
    code: "SYSTEM_CANNOT_DECIDE",
  },
  {
    verb: "componentReport",
    why: "by a reporter, behind an enclave's report",
    ask: sharing(PAUL, {}, enclave("ready-north"), component(9)),
    code: "NOT_ENTITLED",
  },
  {
    verb: "emergencyPlanReport",
    why: "by a reporter",
    ask: sharing(PAUL, {}, emergencyPlan(["ana"])),
    code: "NOT_ENTITLED",
  },
  invalid(
    "emergencyPlanReport",
    "of a responder from a region that it does not have",
    sharing(REX, {}, emergencyPlan(["ana", "ben"], { regions: [{ region: "east", needs: [] }] })),
    ["entries", 0, "responders", 1, "region"],
  ),
];

/** What is refused of reports, about a packet's own subjects and about shared ones. */
export const REPORT_REFUSALS: readonly RefusalRow[] = [...ENTRIES, ...SHARED];
