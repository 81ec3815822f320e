import { createInterface } from "node:readline";
import { connect } from "#database/connect.ts";
import { type EmbeddedDatabase, openEmbedded } from "#database/embedded.ts";
import { DirectoryHeld } from "#database/embeddedFaults.ts";
import { migrate } from "#database/migrate.ts";
import { Refusal } from "#packet/refusal.ts";
import type { Desk } from "#workflow/desk.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { openReady } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";
import type { Asked, Heard } from "./appendNode.ts";
import { LANES, TRAINS, inputOf } from "./load.ts";

// A process of its own that opens an embedded data directory, as the product does, or shares the
// migrated database of an address, and appends in several lanes at once, as often as each line of
// its input allows. Every request is told before it is made, every acknowledgement when it has come.
const [place = "", round = ""] = process.argv.slice(2);
const isShared = place.startsWith("postgres://");
const applicationName = isShared ? `holdfast ${round}` : "holdfast appender";
const allowance = { left: 0, waiting: new Set<() => void>() };
createInterface(process.stdin).on("line", (line) => {
  allowance.left += Number(line);
  for (const lookAgain of allowance.waiting) lookAgain();
  allowance.waiting.clear();
});

try {
  tell({ step: "opening" });
  const { url, applicationUrl } = isShared
    ? { url: place, applicationUrl: place }
    : await openOwn(place);
  const database = connect(applicationUrl, { applicationName, connectionsMax: 6 });
  const desk = await openDesk(database);
  await settleOnce(desk);
  tell({ step: "opened", url });
  await Promise.all(Array.from({ length: LANES }, (_none, lane) => append(desk, lane)));
} catch (fault) {
  if (!(fault instanceof DirectoryHeld)) throw fault;
  tell({ step: "refused", message: fault.message, pid: fault.holder.pid });
}

async function openOwn(directory: string): Promise<EmbeddedDatabase> {
  const embedded = await openEmbedded({ directory, applicationName, log: () => undefined });
  await migrate(embedded.url, { applicationName, applicationRole: embedded.applicationRole });
  return embedded;
}

/** The first process makes the trains; whatever a killed one left undone is made good by name. */
async function settleOnce(desk: Desk): Promise<void> {
  const heads = await desk.ledger.packets({}, null, 100);
  const known = new Set(heads.map(({ train }) => train));
  for (const train of TRAINS) if (!known.has(train)) await openReady(desk, train);
}

async function append(desk: Desk, lane: number): Promise<void> {
  const heads = await desk.ledger.packets({}, null, 100);
  const head = heads[lane % heads.length];
  if (head === undefined) throw new Error("there is no packet to append to");
  for (let count = 0; ; count += 1) {
    while (allowance.left === 0) {
      await new Promise<void>((resolve) => allowance.waiting.add(resolve));
    }
    allowance.left -= 1;
    const asked = inputOf(head, `${round}-${lane}-${count}`, lane + count);
    tell({ step: "asked", ...asked });
    await askUntilKnown(desk, asked);
  }
}

/** Asks again with the same key for as long as it is not known whether it was done. */
async function askUntilKnown(desk: Desk, { key, verb, by, input }: Asked): Promise<void> {
  for (;;) {
    try {
      const answer = await VERBS[verb].call(desk, by, input);
      if (answer instanceof Refusal) throw new Error(`${verb} was refused: ${answer.message}`);
      tell({ step: "acknowledged", key, answer });
      return;
    } catch (fault) {
      tell({ step: "unknown", key, fault: String(fault), name: (fault as Error).name });
    }
  }
}

function tell(heard: Heard): void {
  const line = JSON.stringify(heard, (_name, part: unknown) =>
    typeof part === "bigint" ? part.toString() : part,
  );
  process.stdout.write(`${line}\n`);
}
