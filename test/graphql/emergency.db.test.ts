import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import { InvalidInput } from "#packet/refusal.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { emergencyPlan } from "../gate/reports.ts";
import { OLGA, PAUL, REX, RITA } from "../workflow/cast.ts";
import { LANE, type Opened, newKey, onWire, openReady, settleLane } from "../workflow/trains.ts";
import { callersInput } from "./callersInput.ts";
import { served } from "./served.ts";
import { inputOf } from "./verbDocuments.ts";

const server = served(freshDatabase());
let ready: Opened;

/** The same person, come in with a key of their own. */
function offline(actor: Actor): Actor {
  return { ...actor, offlineKey: `SHA256:${"o".repeat(43)}` };
}
const ANA: Actor = { actor: "ana", kind: "PERSON", roles: ["READER"] };

beforeAll(async () => {
  ready = await openReady(server.desk, "access");
});

async function standing() {
  const { data } = await server.ask(
    RITA,
    `query ($packet: UUID!) {
      packet(packet: $packet) {
        status
        holds(first: 9, status: OPEN) { nodes { code subject remedy } }
        gate { status reasons }
      }
    }`,
    { packet: ready.packet },
  );
  return data?.["packet"];
}

function record(actor: Actor, entry: unknown) {
  const wish = { idempotencyKey: newKey(), exercise: false, entries: [onWire(entry)] };
  const { type } = inputOf("sharedRecord");
  return server.ask(
    actor,
    `mutation ($input: ${String(type)}) { sharedRecord(input: $input) { __typename } }`,
    { input: callersInput(type, wish).value },
  );
}

const hold = (subject: string) => ({
  code: "EMERGENCY_ACCESS_UNEXERCISED",
  subject,
  remedy: "RESPONDERS",
});

describe("emergency access alone, through the public API", () => {
  test("opens a hold for the owner and for every responder who never used it", async () => {
    expect(await standing()).toMatchObject({ status: "READY_FOR_APPROVAL" });
    const asks = { ...LANE, emergencyAccess: { maxAgeEpochs: "30", holds: true } };
    await settleLane(server.desk, ready, asks);
    expect(await standing()).toEqual({
      status: "ON_HOLD",
      holds: { nodes: [hold("olga")] },
      gate: { status: "CLOSED", reasons: ["HOLDS_OPEN", "NOT_APPROVED"] },
    });
    const { data } = await record(REX, emergencyPlan(["ana"], { immediateMax: 1 }));
    expect(data).toEqual({ sharedRecord: { __typename: "SharedRecordPayload" } });
    expect(await standing()).toMatchObject({ holds: { nodes: [hold("olga"), hold("ana")] } });
  });

  test("is not exercised by a normal sign-in, nor by anybody's wish", async () => {
    await server.ask(OLGA, "{ viewer { name } }");
    const exercise = { kind: "EMERGENCY_EXERCISE", person: "olga", how: "OFFLINE_SIGN_IN" };
    const wish = { idempotencyKey: newKey(), exercise: false, entries: [exercise] };
    for (const by of [OLGA, REX, PAUL]) {
      const answer = await sharedRecord(server.desk, by, wish);
      expect(answer).not.toHaveProperty("appended");
    }
    expect(await sharedRecord(server.desk, REX, wish)).toBeInstanceOf(InvalidInput);
    expect(await standing()).toMatchObject({ holds: { nodes: [hold("olga"), hold("ana")] } });
  });

  test("clears each of them when that person has come in with a key of their own", async () => {
    await server.ask(offline(OLGA), "{ viewer { name } }");
    expect(await standing()).toMatchObject({ holds: { nodes: [hold("ana")] } });
    await server.ask(offline(ANA), "{ viewer { name } }");
    expect(await standing()).toMatchObject({
      status: "READY_FOR_APPROVAL",
      holds: { nodes: [] },
    });
  });

  test("is recorded once, however often it is used, for real packets and for exercises", async () => {
    const { desk } = server;
    const subjects = [{ kind: "EMERGENCY_EXERCISE", name: "DEPLOYMENT" }] as const;
    const before = await desk.ledger.shared(false, subjects);
    for (let more = 0; more < 3; more += 1) {
      await server.ask(offline(OLGA), "{ viewer { name } }");
    }
    expect(await desk.ledger.shared(false, subjects)).toEqual(before);
    expect(before.entries).toMatchObject([
      { person: "olga", reporter: "olga", how: "OFFLINE_SIGN_IN" },
      { person: "ana", reporter: "ana", how: "OFFLINE_SIGN_IN" },
    ]);
    const drilled = await desk.ledger.shared(true, subjects);
    expect(drilled.entries).toMatchObject([{ person: "olga" }, { person: "ana" }]);
  });
});

const ACCESS = `{ emergencyPlan(exercise: false) {
  plan { immediateMax responders { person region immediate } ways { way settings } }
  gaps { code subject chain replacedChain }
  people { person state ageEpochs lastExercise { how } }
} }`;

describe("the query of emergency access", () => {
  test("tells plan, gaps and who is ready, and keeps the settings for insiders", async () => {
    const { data } = await server.ask(REX, ACCESS);
    expect(data).toMatchObject({
      emergencyPlan: {
        plan: {
          immediateMax: 1,
          responders: [{ person: "ana", region: "east", immediate: true }],
          ways: [
            { way: "console", settings: ["10.0.0.5/24"] },
            { way: "radio", settings: [] },
          ],
        },
        gaps: [{ code: "REGION_WITHOUT_RESPONDER", subject: "west", chain: [] }],
        people: [
          {
            person: "ana",
            state: "READY",
            ageEpochs: "0",
            lastExercise: { how: "OFFLINE_SIGN_IN" },
          },
          { person: "olga", state: "NOT_IN_PLAN" },
        ],
      },
    });
    const seen = await server.ask(RITA, ACCESS);
    expect(seen.data).toMatchObject({
      emergencyPlan: { plan: { ways: [{ way: "console", settings: null }, { way: "radio" }] } },
    });
  });

  test("shows a path that fails with what it replaces, and the chain", async () => {
    const ways = [
      {
        way: "console",
        wayKind: "ACCESS_PATH",
        settings: [],
        dependsOn: ["vpn"],
        replaces: ["sso"],
      },
      { way: "radio", wayKind: "CHANNEL", settings: [], dependsOn: [], replaces: ["chat"] },
    ] as const;
    const services = [
      { service: "sso", dependsOn: ["dns"] },
      { service: "vpn", dependsOn: ["dns"] },
      { service: "dns", dependsOn: [] },
      { service: "chat", dependsOn: [] },
    ];
    const plan = emergencyPlan(["ana", "ben"], { ways: onWire(ways) as never, services });
    await record(REX, plan);
    const { data } = await server.ask(REX, ACCESS);
    expect(data).toMatchObject({
      emergencyPlan: {
        gaps: [
          {
            code: "FAILS_TOGETHER",
            subject: "console sso dns",
            chain: ["console", "vpn", "dns"],
            replacedChain: ["sso", "dns"],
          },
        ],
        people: [{ person: "ana" }, { person: "ben", state: "NEVER_EXERCISED" }, {}],
      },
    });
    expect(await standing()).toMatchObject({ holds: { nodes: [hold("ben")] } });
  });

  test("says that there is no plan for exercises, which have their own (rule 2.3)", async () => {
    const { data } = await server.ask(
      REX,
      "{ emergencyPlan(exercise: true) { plan { kind } gaps { code } } }",
    );
    expect(data).toEqual({ emergencyPlan: { plan: null, gaps: [] } });
  });
});
