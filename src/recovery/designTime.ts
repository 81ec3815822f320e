import { BACKSTOP_MS } from "./clock.ts";
import { CLOCK_PLACES } from "./clockPlaces.ts";
import { CLOCK_DECIDES, CLOCK_PURPOSES, type ClockPurposeName } from "./clockPurposes.ts";
import type { DesignFacts } from "./designFacts.ts";
import type { Section } from "./markdown.ts";

/** How fast things change, and what no policy lifts. */
export function rateSection({ clock }: DesignFacts): Section {
  const { epochMs, tickGapMaxMs, generation, doubt, control } = clock;
  const gaps: string[] = [];
  if (control === "NOT_CONTROLLED") {
    gaps.push("no change-rate service: whoever is entitled changes things as fast as they like");
  }
  if (control === "KEYS_UNUSABLE") {
    gaps.push("the change-rate service's keys cannot be used: what needs a token waits");
  }
  if (doubt !== null) gaps.push(`the epoch is in doubt (${doubt}): every gate is CLOSED`);
  return {
    title: "Rate of change and backstop",
    lines: [
      "A separate small process decides how fast, by a policy of its own; whoever actuates looks at its signed token",
      "offline. Emergency speed is a change of that policy with an author, and not another path.",
      "",
      `- Control: ${control}`,
      `- An epoch lasts ${epochMs} ms; the mapping of times breaks when two steps are more than ${tickGapMaxMs} ms apart`,
      `- The mapping in force is of generation ${generation}`,
      `- Backstop, in code and in the database, which no policy lifts: an epoch moves by single steps, at most one in ${BACKSTOP_MS} ms, and counts 64 bits`,
      "- Without the service the epoch keeps its last approved rate; what needs a token waits, and holds are still shown",
    ],
    gaps,
  };
}

/** Every use of wall-clock time by its purpose. */
export function clockSection(): Section {
  const unexplained = CLOCK_PLACES.filter(([, , , purpose]) => purpose === "UNEXPLAINED");
  const names = Object.keys(CLOCK_PURPOSES) as ClockPurposeName[];
  return {
    title: "Clock inventory",
    lines: [
      "Validity goes by epochs and lists alone: freezing the epoch freezes validity. What the product uses time for,",
      "what that can decide, and how to go on without a clock; `src/docs/clocks.md` has every place.",
      "",
      ...Object.entries(CLOCK_DECIDES).map(([level, tells]) => `- ${level}: ${tells}`),
      "",
      ...names.flatMap((name) => {
        const { decides, what, reason, repair } = CLOCK_PURPOSES[name];
        const uses = CLOCK_PLACES.filter(([, , , purpose]) => purpose === name)
          .map(([, , count]) => count)
          .reduce((sum, count) => sum + count, 0);
        return [
          `- ${name} (${decides}, ${uses} uses): ${what}`,
          `  - ${reason}`,
          `  - repair: ${repair}`,
        ];
      }),
    ],
    gaps: unexplained.map(
      ([file, use]) => `${file} uses ${use} for no purpose that was written down`,
    ),
  };
}
