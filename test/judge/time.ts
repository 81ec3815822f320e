import type { Shift, Span } from "./shapes.ts";
import type { View } from "./words.ts";

/** Whether the epoch lies in the span, ends included. */
export function holdsEpoch(span: Pick<Span, "first" | "last">, epoch: bigint): boolean {
  return span.first <= epoch && epoch <= span.last;
}

/** Rule 4.2.1, reading 10: every single epoch of the rest of the window, in order. */
export function restOfWindow(view: View): bigint[] {
  const window = view.known.sources.SHIPMENT_WINDOW.content;
  const epochs: bigint[] = [];
  for (let epoch = window.first; epoch <= window.last; epoch += 1n) {
    if (epoch >= view.epoch) epochs.push(epoch);
  }
  return epochs;
}

const shiftsLeft = new WeakMap<View, readonly Shift[]>();

/** Reading 10: the shifts that share an epoch with the rest of the window, by first epoch, then name. */
export function shiftsOfTheRest(view: View): readonly Shift[] {
  const shifts = shiftsLeft.get(view) ?? findShiftsOfTheRest(view);
  shiftsLeft.set(view, shifts);
  return shifts;
}

function findShiftsOfTheRest(view: View): Shift[] {
  const rest = restOfWindow(view);
  const { shifts } = view.known.sources.SHIFT_CALENDAR.content;
  return shifts
    .filter((shift) => rest.some((epoch) => holdsEpoch(shift, epoch)))
    .sort((a, b) => {
      if (a.first !== b.first) return a.first < b.first ? -1 : 1;
      return a.shift < b.shift ? -1 : 1;
    });
}

/** Reading 10: the epochs of the rest of the window in no shift and in no NO_SIGNING interval. */
export function uncoveredEpochs(view: View): bigint[] {
  const { shifts, noSigning } = view.known.sources.SHIFT_CALENDAR.content;
  const spans = [...shifts, ...noSigning];
  return restOfWindow(view).filter((epoch) => !spans.some((span) => holdsEpoch(span, epoch)));
}

/** Rule 4.2.1, reading 10: the last epoch of every gap. */
export function gapsOf(view: View): bigint[] {
  const window = view.known.sources.SHIPMENT_WINDOW.content;
  if (shiftsOfTheRest(view).length === 0) return [window.last];
  const uncovered = uncoveredEpochs(view);
  return uncovered.filter((epoch) => !uncovered.includes(epoch + 1n));
}

/** How many epochs two whole shifts share. */
export function sharedEpochs(a: Shift, b: Shift): bigint {
  let shared = 0n;
  for (let epoch = a.first; epoch <= a.last; epoch += 1n) {
    if (holdsEpoch(b, epoch)) shared += 1n;
  }
  return shared;
}
