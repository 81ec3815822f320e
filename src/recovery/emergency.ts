import {
  type EmergencyGapCode,
  type EmergencyTerms,
  type EmergencyWay,
  EmergencyWayKind,
} from "#packet/emergency.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Name } from "#packet/name.ts";

/** One thing that is wrong with a plan of emergency access. */
export interface EmergencyGap {
  readonly code: EmergencyGapCode;
  /** The names that it is about, apart by a space. */
  readonly subject: string;
  readonly why: string;
  /**
   * From a way to what it shares with the service that it replaces, each needing the next; empty
   * where no dependencies are at fault.
   */
  readonly chain: readonly Name[];
  /** From the service that is replaced to the same end; that service alone where it is the end. */
  readonly replacedChain: readonly Name[];
}

/** Everything that is wrong with a plan, as of an epoch, in order of code and then of the plan. */
export function auditPlan(plan: EmergencyTerms, epoch: Epoch): EmergencyGap[] {
  return [
    ...undeclared(plan),
    ...plan.ways.flatMap((way) => failingTogether(plan, way)),
    ...kindsMissing(plan),
    ...credentials(plan, epoch),
    ...regions(plan),
    ...tooManyImmediate(plan),
  ];
}

function gap(
  code: EmergencyGapCode,
  subject: string,
  why: string,
  chains: Partial<Pick<EmergencyGap, "chain" | "replacedChain">> = {},
): EmergencyGap {
  return { code, subject, why, chain: [], replacedChain: [], ...chains };
}

/** What is named and not declared may depend on anything: that is a gap, and no innocence. */
function undeclared({ services, ways }: EmergencyTerms): EmergencyGap[] {
  const declared = new Set(services.map((item) => item.service));
  const named: [Name, Name][] = [
    ...ways.flatMap(({ way, dependsOn, replaces }) =>
      [...new Set([...dependsOn, ...replaces])].map((name): [Name, Name] => [way, name]),
    ),
    ...services.flatMap(({ service, dependsOn }) =>
      dependsOn.map((name): [Name, Name] => [service, name]),
    ),
  ];
  return named
    .filter(([, name]) => !declared.has(name))
    .map(([by, name]) => {
      const why = `${by} names ${name}, whose own dependencies are not declared`;
      return gap("UNDECLARED_SERVICE", `${by} ${name}`, why);
    });
}

/** By service, the chain of dependencies that leads to it, nearest first. */
type Reached = ReadonlyMap<Name, readonly Name[]>;

/** The transitive closure of what these need, not looking beyond `ends`; of equal chains the first declared. */
function reach(plan: EmergencyTerms, first: readonly Name[], ends?: Reached): Reached {
  const needs = new Map(plan.services.map((item) => [item.service, item.dependsOn]));
  const reached = new Map<Name, readonly Name[]>(first.map((name) => [name, [name]]));
  // A map is walked in order of insertion, what is added meanwhile included.
  for (const [name, chain] of reached) {
    if (ends?.has(name) === true) continue;
    for (const next of needs.get(name) ?? []) {
      if (!reached.has(next)) reached.set(next, [...chain, next]);
    }
  }
  return reached;
}

/** A way is of no use if what takes away the service that it replaces takes it away too. */
function failingTogether(plan: EmergencyTerms, { way, dependsOn, replaces }: EmergencyWay) {
  return replaces.flatMap((service): EmergencyGap[] => {
    const replaced = reach(plan, [service]);
    return [...reach(plan, dependsOn, replaced)].flatMap(([shared, chain]) => {
      const replacedChain = replaced.get(shared);
      if (replacedChain === undefined) return [];
      const why =
        shared === service
          ? `${way} needs ${service}, which it is meant to replace`
          : `${way} and ${service}, which it is meant to replace, both need ${shared}`;
      return [
        gap("FAILS_TOGETHER", `${way} ${service} ${shared}`, why, {
          chain: [way, ...chain],
          replacedChain,
        }),
      ];
    });
  });
}

function kindsMissing({ ways }: EmergencyTerms): EmergencyGap[] {
  return EmergencyWayKind.options
    .filter((kind) => ways.every((item) => item.wayKind !== kind))
    .map((kind) => gap("NO_WAY_OF_KIND", kind, `the plan has no ${kind}`));
}

function credentials(plan: EmergencyTerms, epoch: Epoch): EmergencyGap[] {
  const { longestOutageEpochs, provisionEveryEpochs, responders } = plan;
  return responders.flatMap(({ person, lifetimeEpochs, provisionedEpoch }) => {
    const end = provisionedEpoch + lifetimeEpochs;
    const gaps: EmergencyGap[] = [];
    if (lifetimeEpochs <= longestOutageEpochs) {
      const why = `a credential of ${person} lasts ${lifetimeEpochs} epochs, and the longest outage ${longestOutageEpochs}`;
      gaps.push(gap("CREDENTIAL_TOO_SHORT", person, why));
    } else if (epoch + longestOutageEpochs > end) {
      const why = `the credential of ${person} ends at epoch ${end}: an outage that began now could outlast it`;
      gaps.push(gap("CREDENTIAL_ENDS_IN_OUTAGE", person, why));
    }
    if (epoch > provisionedEpoch + provisionEveryEpochs) {
      const why = `${person} was to be given a new credential by epoch ${provisionedEpoch + provisionEveryEpochs}`;
      gaps.push(gap("PROVISIONING_OVERDUE", person, why));
    }
    return gaps;
  });
}

function regions({ regions: all, responders }: EmergencyTerms): EmergencyGap[] {
  const manned = new Set(responders.filter((item) => item.immediate).map((item) => item.region));
  const unmanned = all
    .filter((item) => !manned.has(item.region))
    .map(({ region }) => {
      const why = `nobody in region ${region} has immediate access`;
      return gap("REGION_WITHOUT_RESPONDER", region, why);
    });
  const canBegin = all.some((item) => item.needs.length === 0 && manned.has(item.region));
  if (canBegin) return unmanned;
  const why = "every region waits for another, or has nobody with immediate access";
  return [...unmanned, gap("NO_REGION_BEGINS_ALONE", "REGIONS", why)];
}

function tooManyImmediate({ responders, immediateMax }: EmergencyTerms): EmergencyGap[] {
  const count = responders.filter((item) => item.immediate).length;
  if (count <= immediateMax) return [];
  const why = `${count} responders have immediate access, and the plan allows ${immediateMax}`;
  return [gap("TOO_MANY_IMMEDIATE", "RESPONDERS", why)];
}
