import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CLOCK_PLACES } from "#recovery/clockPlaces.ts";
import { clocksPage, placesOf, withPlaces } from "./clocks/inventory.ts";
import { scanClocks } from "./clocks/scan.ts";

// Writes the list of places as the code has them now; what each is for stays as it was written.
const top = new URL("../", import.meta.url);
const list = new URL("src/recovery/clockPlaces.ts", top);
const places = placesOf(await scanClocks(fileURLToPath(top)), CLOCK_PLACES);
await writeFile(list, withPlaces(await readFile(list, "utf8"), places));
await writeFile(new URL("src/docs/clocks.md", top), clocksPage(places));
const unexplained = places.filter(([, , , purpose]) => purpose === "UNEXPLAINED");
for (const [file, use] of unexplained) {
  process.stdout.write(
    `${file}: ${use} has no purpose yet: give it one in ${fileURLToPath(list)}\n`,
  );
}
process.exitCode = unexplained.length === 0 ? 0 : 1;
