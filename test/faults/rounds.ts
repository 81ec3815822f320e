/**
 * How often the faults come: once where nobody says, as in every run of the tests. A longer run
 * is asked for with HOLDFAST_TEST_ROUNDS.
 */
export const ROUNDS = Math.max(1, Number(process.env["HOLDFAST_TEST_ROUNDS"] ?? "1"));
