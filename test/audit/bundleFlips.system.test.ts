import { ROUNDS } from "../faults/rounds.ts";
import { flipsAreFound } from "./bundleFlips.ts";

// 10,000 in a run of five rounds.
flipsAreFound(2_000 * ROUNDS);
