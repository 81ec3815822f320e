import { ROUNDS } from "../faults/rounds.ts";
import { flipsAreFound } from "./bundleFlips.ts";

flipsAreFound(10_000 * ROUNDS);
