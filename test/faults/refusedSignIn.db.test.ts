import { afterAll, expect, inject, test } from "vitest";
import { connect } from "#database/connect.ts";
import { OutcomeUnknown, isShortage } from "#ledger/fault.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { openDesk } from "../workflow/openDesk.ts";
import { IVAN } from "../workflow/cast.ts";
import { accepted, newKey, openReady } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";

const fresh = freshDatabase();
const app = connect(fresh.appUrl, { applicationName: "holdfast refused", connectionsMax: 2 });
const keeper = connect(inject("serverUrl"), {
  applicationName: "holdfast tests",
  connectionsMax: 1,
});
afterAll(() => Promise.all([app.close(), keeper.close()]));

test.each([
  ["takes no connection (55000)", "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"],
  ["has given all of them away (53300)", "CONNECTION LIMIT 0", "CONNECTION LIMIT -1"],
])(
  "while the database %s a change ends as a known kind of failure, and its key settles it",
  async (what, shut, open) => {
    const desk = await openDesk(app);
    const { packet, revision } = await openReady(desk, `train-${shut.length}`);
    const name = new URL(fresh.url).pathname.slice(1);
    await keeper.sql.unsafe(`ALTER DATABASE ${name} WITH ${shut}`);
    await keeper.sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ${name}`;
    const input = { idempotencyKey: newKey(), packet, reason: "odd noise" };
    const place = () => VERBS.operatorHoldPlace.call(desk, IVAN, input);
    const fault: unknown = await place().then(
      () => null,
      (thrown: unknown) => thrown,
    );
    const isTold = fault instanceof OutcomeUnknown || isShortage(fault);
    expect(isTold, `${what}: ${String(fault)}`).toBe(true);
    await keeper.sql.unsafe(`ALTER DATABASE ${name} WITH ${open}`);
    expect(accepted((await place()) as object)).toMatchObject({ packet, revision: revision + 1 });
    await desk.ledger.close();
  },
);
