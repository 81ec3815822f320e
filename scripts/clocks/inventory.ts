import type { ClockPlace } from "#recovery/clockPlaces.ts";
import { CLOCK_DECIDES, CLOCK_PURPOSES, type ClockPurposeName } from "#recovery/clockPurposes.ts";
import type { ClockUse } from "./scan.ts";

/** The uses as they are now, each with the purpose that was written down for it. */
export function placesOf(uses: readonly ClockUse[], before: readonly ClockPlace[]): ClockPlace[] {
  const purposes = new Map(before.map(([file, use, , purpose]) => [`${file} ${use}`, purpose]));
  return uses.map(({ file, use, count }) => [
    file,
    use,
    count,
    purposes.get(`${file} ${use}`) ?? "UNEXPLAINED",
  ]);
}

const LIST = /(export const CLOCK_PLACES: readonly ClockPlace\[\] = \[\n)[^]*(\];\n)$/;

/** The text of the file that has the places, with these in it. */
export function withPlaces(text: string, places: readonly ClockPlace[]): string {
  const lines = places.map(
    ([file, use, count, purpose]) => `  ["${file}", "${use}", ${count}, "${purpose}"],\n`,
  );
  if (!LIST.test(text)) throw new Error("the file of places has another form");
  return text.replace(LIST, (_all, head: string, tail: string) => head + lines.join("") + tail);
}

/** The inventory as a page: by purpose, the gravest first. */
export function clocksPage(places: readonly ClockPlace[]): string {
  const grave = Object.keys(CLOCK_DECIDES).toReversed();
  const names = (Object.keys(CLOCK_PURPOSES) as ClockPurposeName[]).toSorted(
    (left, right) =>
      grave.indexOf(CLOCK_PURPOSES[left].decides) - grave.indexOf(CLOCK_PURPOSES[right].decides),
  );
  const levels = Object.entries(CLOCK_DECIDES).map(([level, tells]) => `- **${level}**: ${tells}.`);
  return [
    "# Where the product uses time",
    "",
    "Validity goes by epochs and lists alone (rule 6.1). This is every place where the product reads a clock, waits",
    "for one, converts a time, or has a library do so, found by a scan of `src`, `drizzle` and the scripts that belong to",
    "the product; what only yields the event loop's turn knows no time. `npm run clocks` writes this page and",
    "`src/recovery/clockPlaces.ts`; what a place is for is written there by people, why it may be in",
    "`src/recovery/clockPurposes.ts`. `test/recovery/clockInventory.test.ts` fails when code and inventory differ.",
    "",
    "What a use can decide, from the least:",
    "",
    ...levels,
    "",
    ...names.flatMap((name) => purposeSection(name, places)),
  ].join("\n");
}

function purposeSection(name: ClockPurposeName, places: readonly ClockPlace[]): string[] {
  const { decides, what, reason, repair } = CLOCK_PURPOSES[name];
  const rows = places
    .filter(([, , , purpose]) => purpose === name)
    .map(([file, use, count]) => `| \`${file}\` | ${use} | ${count} |`);
  return [
    `## ${name}`,
    "",
    `Decides **${decides}**. ${what}`,
    "",
    `- In its place, or why it may be: ${reason}`,
    `- Repair without a clock: ${repair}`,
    "",
    "| file | use | times |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ];
}
