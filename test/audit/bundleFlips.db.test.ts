import { flipsAreFound } from "./bundleFlips.ts";

flipsAreFound(300);
