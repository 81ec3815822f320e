import fc from "fast-check";
import { differences } from "../gate/comparison.ts";
import { play, script } from "../gate/histories.ts";
import { faultsOf } from "../gate/onlooker.ts";
import { DIRECTED } from "./directed.ts";

// A process of its own that looks for a fault in the gate beside it: first by what must hold
// one by one, then on the histories of one seed, with both judges and the onlooker. It prints
// the first fault that it finds, or how many histories found none.
const [histories = "0"] = process.argv.slice(2);
const SEED = 4;

process.stdout.write(`${JSON.stringify(search(Number(histories)))}\n`);

function search(count: number): { readonly fault: string | null; readonly played: number } {
  const broken = DIRECTED.find(([, isSo]) => !isSo());
  if (broken !== undefined) return { fault: broken[0], played: 0 };
  for (const [index, history] of fc.sample(script, { numRuns: count, seed: SEED }).entries()) {
    const fault = faultIn(history);
    if (fault !== null) return { fault, played: index + 1 };
  }
  return { fault: null, played: count };
}

function faultIn(history: Parameters<typeof play>[0]): string | null {
  try {
    const desk = play(history);
    const [fault] = faultsOf(desk.revisions, desk.epoch);
    const [difference] = fault === undefined ? differences(desk) : [];
    return fault ?? difference?.question ?? null;
  } catch (crash) {
    return `a crash: ${String(crash)}`;
  }
}
