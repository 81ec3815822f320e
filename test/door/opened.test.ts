import { expect, test } from "vitest";
import { Opened } from "#door/opened.ts";
import { startTicker } from "#door/ticker.ts";
import { heardLog } from "../identity/heardLog.ts";

test("what was opened is closed in reverse, and once", async () => {
  const closed: string[] = [];
  const opened = new Opened();
  for (const what of ["database", "ledger", "door"])
    opened.keep(what, () => void closed.push(what));
  const { log } = heardLog();
  await Promise.all([opened.close(log), opened.close(log)]);
  expect(closed).toEqual(["door", "ledger", "database"]);
});

test("a part that does not close keeps no other from it, and is told of", async () => {
  const closed: string[] = [];
  const opened = new Opened();
  opened.keep("database", () => void closed.push("database"));
  opened.keep("ledger", () => Promise.reject(new Error("stuck")));
  const { log, lines } = heardLog();
  await expect(opened.close(log)).rejects.toThrow("not everything closed");
  expect(closed).toEqual(["database"]);
  expect(lines).toMatchObject([{ level: "error", fields: { what: "ledger" } }]);
});

test("a tick that fails is tried again, and told of once until it succeeds", async () => {
  const { log, lines } = heardLog();
  const counted: string[] = [];
  let ticks = 0;
  let enough: () => void = () => undefined;
  const sixTicks = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const tick = (): Promise<number | null> => {
    ticks += 1;
    if (ticks === 6) enough();
    return ticks < 4
      ? Promise.reject(new Error("away"))
      : Promise.resolve(ticks === 4 ? null : ticks);
  };
  const count = (outcome: string): unknown => counted.push(outcome);
  const ticker = await startTicker({ tick, name: "the test", pauseMs: 1, log, count });
  await sixTicks;
  ticker.stop();
  expect(lines.map(({ level }) => level)).toEqual(["error", "info"]);
  expect(counted.slice(0, 5)).toEqual(["failed", "failed", "failed", "idle", "done"]);
});
