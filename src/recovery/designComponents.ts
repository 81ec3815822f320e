import type { DesignComponent, DesignFacts, DesignPackage } from "./designFacts.ts";
import { type Section, coded, codedList, listed } from "./markdown.ts";

/** What each component is and how it is meant to be. */
export function componentSection({ components, packages, unreadable }: DesignFacts): Section {
  const known = new Set(components.map(({ component }) => component));
  const unknown = [...new Set(packages.map(({ component }) => component))].filter(
    (component) => !known.has(component),
  );
  return {
    title: "Components and intended state",
    lines: [
      "An APPLICATION is installed by others. A SYSTEM and FIRMWARE update themselves, so that their own word",
      "confirms nothing: only what was seen from outside does. FIRMWARE keeps its keys in slots that are programmed",
      "once, and has spare parts that come with old versions.",
      "",
      ...listed(components.flatMap(componentLines)),
    ],
    gaps: [
      ...components
        .filter(({ declared }) => declared === null)
        .map(({ component }) => `nobody has declared what ${coded(component)} is meant to be`),
      ...unknown.map(
        (component) => `nothing is known of ${coded(component)}, which has a rollback package`,
      ),
      ...(components.length === 0 ? ["no component is known"] : []),
      ...unreadable.map((packet) => `packet ${coded(packet)} cannot be read, and is held`),
    ],
  };
}

function componentLines({ component, declared }: DesignComponent): string[] {
  if (declared === null) return [`- ${coded(component)}: not declared`];
  const { kind, release, digest, floor, denied, trustedKeys, keySlots, spareParts } = declared;
  return [
    `- ${coded(component)}: ${kind}`,
    `  - release ${coded(release)}, digest ${coded(digest)}`,
    `  - floor ${floor}; denies ${codedList(denied)}`,
    `  - trusts ${trustedKeys.length === 0 ? "every key" : codedList(trustedKeys)}`,
    ...(keySlots === null ? [] : [`  - ${keySlots} key slots`]),
    ...(spareParts.length === 0 ? [] : [`  - spare parts with ${codedList(spareParts)}`]),
  ];
}

/** The mechanisms, each with its reason and where it is kept, and what may be gone back to. */
export function rollbackSection({ components, packages, revokedKeys }: DesignFacts): Section {
  return {
    title: "Rollback control",
    lines: [
      "Three mechanisms, each usable alone, introduced one at a time in this order. What a component refuses, it",
      "refuses for good; nobody lowers a floor or takes an entry back.",
      "",
      "- Keys: a release counts only with the signature of a key that the component trusts. They end a line of",
      "  releases at once, whatever their versions are, and a stolen key with it. Kept in the component; rotated with",
      "  an overlap in which a release carries both signatures, or suddenly, as an explicit choice. In FIRMWARE each",
      "  takes a slot for good.",
      "- Deny list: single releases by digest. It shuts out one bad release without touching older good ones. Kept",
      "  in the component's state, outside any release: the union of the entries of all that ever initialised there.",
      "- MASVN floor: every release below a security version at once, in one number. Kept in the component's state;",
      "  it only rises, when a release with a higher MASVN initialises there.",
      "",
      "What is recorded of each component:",
      "",
      ...listed(components.map(recordedLine)),
      "",
      "What packets may fall back to, judged as the component will be once the train's own release has initialised there:",
      "",
      ...listed(packages.map(packageLine)),
      "",
      "Revoked keys that components still go by. What such a key signed before stands until a sudden rotation to another",
      "key is recorded of the component; then every package that it alone signed is held.",
      "",
      ...listed(
        revokedKeys.map(
          ({ component, key, isTrusted, releases }) =>
            `- ${coded(component)}: ${coded(key)}, ${isTrusted ? "trusted" : "not trusted"}; signed ${codedList(releases)}`,
        ),
      ),
    ],
    gaps: [
      ...components.flatMap(recordedGaps),
      ...revokedKeys.flatMap(({ component, key, isTrusted, releases }) => [
        ...(isTrusted
          ? [`${coded(component)} trusts ${coded(key)}, which is revoked: rotate it out suddenly`]
          : []),
        ...releases.map(
          (release) =>
            `release ${coded(release)} for ${coded(component)} is signed with ${coded(key)}, which is revoked: have it signed with another key`,
        ),
      ]),
      ...packages
        .filter(({ holds }) => holds.length > 0)
        .map(
          (item) =>
            `package ${coded(item.package)} of train ${coded(item.train)} is held: ${item.holds.join(", ")}`,
        ),
    ],
  };
}

function recordedLine({ component, recorded }: DesignComponent): string {
  if (recorded === null) return `- ${coded(component)}: nothing; it admits every release`;
  const { floor, denied, trustedKeys, retiredKeys, rotations, redundant, keySlotsUsed } = recorded;
  const keys =
    trustedKeys.length === 0 && retiredKeys.length === 0 ? "every key" : codedList(trustedKeys);
  const parts = [
    `trusts ${keys}`,
    ...(retiredKeys.length === 0 ? [] : [`retired ${codedList(retiredKeys)}`]),
    ...(rotations.length === 0 ? [] : [`rotates ${codedList(rotations)}`]),
    ...(keySlotsUsed === null ? [] : [`${keySlotsUsed} key slots used`]),
    `denies ${codedList(denied)}`,
    ...(redundant.length === 0
      ? []
      : [`of these the floor refuses ${codedList(redundant)} anyway`]),
    `floor ${floor}`,
  ];
  return `- ${coded(component)}: ${parts.join("; ")}`;
}

function recordedGaps({ component, recorded, waysDown, isSearchWhole }: DesignComponent): string[] {
  const isOff =
    recorded === null ||
    (recorded.floor === 0 &&
      recorded.denied.length === 0 &&
      recorded.trustedKeys.length === 0 &&
      recorded.retiredKeys.length === 0);
  const off = `${coded(component)} has none of the three mechanisms: it admits every release`;
  return [
    ...(isOff ? [off] : []),
    ...waysDown.map(
      (path) =>
        `${coded(component)} leaves a way down to a vulnerable release: ${path.map(coded).join(" -> ")}`,
    ),
    ...(isSearchWhole
      ? []
      : [
          `the ways down that ${coded(component)} leaves open are too many to search them all: there may be more than are told`,
        ]),
  ];
}

function packageLine(item: DesignPackage): string {
  const { packet, train, component, release, svn, masvn, holds } = item;
  const after =
    masvn === null ? "no release of the train" : `the train's release brings MASVN ${masvn}`;
  const held = holds.length === 0 ? "nothing holds it" : `held by ${holds.join(", ")}`;
  return `- ${coded(item.package)} on ${coded(component)}: release ${coded(release)}, SVN ${svn}; ${after}; ${held} (train ${coded(train)}, packet ${coded(packet)})`;
}

/** Where components are not as declared, with the repair that would remove it. */
export function deviationSection({ components }: DesignFacts): Section {
  const open = components.flatMap(({ component, deviations }) =>
    deviations.map((deviation) => ({ component, ...deviation })),
  );
  return {
    title: "Open deviations",
    lines: [
      "Shown, never actuated: whoever answers for the component repairs it.",
      "",
      ...listed(
        open.flatMap(({ component, code, about, expected, found, repair }) => [
          `- ${coded(component)}: ${code}${about.length === 0 ? "" : ` (${codedList(about)})`}`,
          `  - expected: ${coded(expected)}`,
          `  - found: ${coded(found)}`,
          `  - repair: ${coded(repair)}`,
        ]),
      ),
    ],
    gaps: open.map(({ component, code }) => `${coded(component)} deviates: ${code}`),
  };
}
