import type { Epoch } from "#packet/epoch.ts";
import { HOLDFAST } from "#packet/fact.ts";
import { type Revised, nextDue, revise } from "./revise.ts";
import type { PacketState } from "./state.ts";

/** What time alone does to a packet. */
export interface Reached {
  /** The revisions that it writes, in order. */
  readonly lapses: readonly Revised[];
  /** The packet at its head after them: what the next revision builds on. */
  readonly head: PacketState;
  /**
   * The head as it looks at the epoch reached, for reading only: its verdicts, and so its
   * advisories, are of that epoch. A next revision built on it would depend on who looked when.
   */
  readonly view: PacketState;
}

/** Rule 6.6: one revision for each epoch up to `epoch` at which something lapses, in order (reading 18). */
export function reachEpoch(state: PacketState, epoch: Epoch): Reached {
  const lapses: Revised[] = [];
  let head = state;
  let view = state;
  for (let due = nextDue(view); due !== null && due <= epoch; due = nextDue(view)) {
    const seen = lapseAt(view, due);
    if (!isLapse(view, seen)) {
      view = { ...view, cells: seen.state.cells, dues: seen.state.dues };
      continue;
    }
    const lapse = view === head ? seen : lapseAt(head, due);
    lapses.push(lapse);
    head = lapse.state;
    view = head;
  }
  return { lapses, head, view };
}

function lapseAt(state: PacketState, epoch: Epoch): Revised {
  return revise(state, { fact: { kind: "EPOCH_REACHED" }, actor: HOLDFAST, epoch });
}

function isLapse(before: PacketState, revised: Revised): boolean {
  const { opened, cleared, outOfScope, materialChanged, state } = revised;
  return (
    opened.length + cleared.length + outOfScope.length > 0 ||
    materialChanged ||
    state.approval?.standing !== before.approval?.standing ||
    state.closing !== null
  );
}
