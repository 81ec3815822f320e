import { flipsAreFound } from "./bundleFlips.ts";

flipsAreFound(10_000);
