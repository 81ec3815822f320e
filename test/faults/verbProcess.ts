import { once } from "node:events";
import { createInterface } from "node:readline";
import { connect } from "#database/connect.ts";
import { ApprovalRefused, Refusal } from "#packet/refusal.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { VERBS } from "../workflow/verbs.ts";
import type { Outcome, Request, Told } from "./verbNode.ts";

// A process of its own with a ledger of its own: calls the verb that each line of its input
// names, tells what came of it, and ends when its input does.
const [url = "", idleMs] = process.argv.slice(2);
const database = connect(url, {
  applicationName: "holdfast race",
  connectionsMax: 8,
  ...(idleMs === undefined ? {} : { idleInTransactionTimeoutMs: Number(idleMs) }),
});
const desk = await openDesk(database);
const running = new Set<Promise<void>>();

tell({ ready: true });
const lines = createInterface(process.stdin);
lines.on("line", (line) => {
  const serving = serve(JSON.parse(line) as Request).finally(() => running.delete(serving));
  running.add(serving);
});
await once(lines, "close");
await Promise.all(running);
await desk.ledger.close();
await database.close();

async function serve({ id, verb, by, input, thinkUs, dies }: Request): Promise<void> {
  await think(thinkUs);
  const askedNs = process.hrtime.bigint();
  const outcome = await VERBS[verb].call(desk, by, input).then(outcomeOf, threw);
  if (dies === true) process.kill(process.pid, "SIGKILL");
  const answeredNs = process.hrtime.bigint();
  const told: Told = { id, outcome, askedNs: String(askedNs), answeredNs: String(answeredNs) };
  tell(told);
}

/** Lets other work go on for a while, as somebody does who reads before they decide. */
async function think(thinkUs: number): Promise<void> {
  const until = process.hrtime.bigint() + BigInt(thinkUs) * 1000n;
  while (process.hrtime.bigint() < until) await new Promise((resolve) => setImmediate(resolve));
}

function outcomeOf(answer: unknown): Outcome {
  if (!(answer instanceof Refusal)) {
    const text = JSON.stringify(answer, (_name, part: unknown) =>
      typeof part === "bigint" ? part.toString() : part,
    );
    return { done: true, answer: JSON.parse(text) as unknown };
  }
  const reasons = answer instanceof ApprovalRefused ? answer.reasons : [answer];
  return { done: false, codes: reasons.map(({ code }) => code) };
}

function threw(fault: unknown): Outcome {
  return { done: false, codes: [`THREW ${String(fault)}`] };
}

function tell(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
