import type { EmergencyTerms, ExercisePolicy, Responder } from "#packet/emergency.ts";
import { coded, codedList } from "#recovery/markdown.ts";

/** What a plan of emergency access says, as lines of Markdown. */
export function planLines(plan: EmergencyTerms): string[] {
  return [
    `- Planned for outages of at most ${plan.longestOutageEpochs} epochs; credentials are handed out anew every ${plan.provisionEveryEpochs} epochs`,
    `- At most ${plan.immediateMax} people with immediate access`,
    ...plan.regions.map(
      ({ region, needs }) =>
        `- Region ${coded(region)} ${needs.length === 0 ? "can begin alone" : `waits for ${codedList(needs)}`}`,
    ),
    ...plan.ways.map(
      ({ way, wayKind, settings, dependsOn, replaces }) =>
        `- ${wayKind} ${coded(way)} replaces ${codedList(replaces)}, needs ${codedList(dependsOn)}; ${settings.length} static network settings, which the plan has`,
    ),
    ...plan.services.map(
      ({ service, dependsOn }) => `- Service ${coded(service)} needs ${codedList(dependsOn)}`,
    ),
  ];
}

/** What a plan says of one person, as Markdown. */
export function plannedLine(responder: Responder): string {
  const { provisionedEpoch, lifetimeEpochs, immediate, region, keys } = responder;
  const access = immediate ? "immediate access" : "access once another has begun";
  return `region ${coded(region)}, ${access}, credential of epoch ${provisionedEpoch} for ${lifetimeEpochs} epochs, keys ${codedList(keys)}`;
}

/** What a lane asks for, in words. */
export function asked({ maxAgeEpochs, holds }: ExercisePolicy): string {
  const want = `an exercise no older than ${maxAgeEpochs} epochs`;
  return holds ? `${want}, or the packet is held` : `${want}, or the packet says so`;
}
