import { getNamedType, isInputObjectType } from "graphql";
import { beforeAll, describe, expect, test } from "vitest";
import { LOOK_PERMISSIONS, PERMISSIONS, type Scope } from "#access/permissions.ts";
import type { Actor } from "#packet/actor.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { served } from "../graphql/served.ts";
import { schema } from "../graphql/typesUnderTest.ts";
import { type AskedVerb, askVerb } from "../graphql/verbDocuments.ts";
import { confirmation } from "../gate/reports.ts";
import { CONTENTS, digestOf } from "../gate/train.ts";
import { OLGA, PAUL, PIA, REX, RUTH, UMA } from "../workflow/cast.ts";
import {
  LANE,
  type Opened,
  approvalOf,
  newKey,
  onWire,
  open,
  openReady,
  settle,
  settleLane,
  tell,
} from "../workflow/trains.ts";

const server = served(freshDatabase());
let ready: Opened;
beforeAll(async () => {
  ready = await openReady(server.desk, "duties");
});

const wish = (more: object): object => ({ idempotencyKey: newKey(), ...more });
const about = (more: object): object => wish({ packet: ready.packet, ...more });
const codeOf = async (verb: AskedVerb, by: Actor, input: unknown): Promise<string | undefined> =>
  (await askVerb(server, verb, by, input)).code;

describe("rule 5.3: the owner is a person", () => {
  const robot: Actor = { actor: OLGA.actor, kind: "SYSTEM", roles: ["APPROVAL_OWNER"] };

  test("a system that bears the owner's name and role decides nothing", async () => {
    const codes = await Promise.all([
      codeOf("packetApprove", robot, approvalOf(ready)),
      codeOf("packetReject", robot, about({ reason: "why two bags?" })),
      codeOf("packetWithdraw", robot, about({ reason: "superseded" })),
    ]);
    expect(codes).toEqual(codes.map(() => "SYSTEM_CANNOT_DECIDE"));
  });

  test("no verb that decides is open to a system in the table", () => {
    const deciding = Object.entries(PERMISSIONS)
      .filter(([verb]) =>
        /^(?:lane|epoch|operatorHold|escalation|packet(?!Open|Bind|Read))/.test(verb),
      )
      .map(([verb, { personsOnly }]) => [verb, personsOnly]);
    expect(deciding).toHaveLength(13);
    expect(deciding.filter(([, personsOnly]) => personsOnly !== true)).toEqual([]);
  });
});

/** Somebody who has the role but is out of its scope, and the code of their refusal. */
const OUTSIDE: Readonly<
  Record<Exclude<Scope, "EVERYTHING" | "OWN_REPORTS">, () => Promise<unknown[]>>
> = {
  OWN_PACKETS: async () => {
    const another: Actor = { ...OLGA, actor: "another-owner" };
    const { reasons, code } = await askVerb(server, "packetApprove", another, approvalOf(ready));
    return [
      code,
      reasons?.map((reason) => reason.code),
      await codeOf("packetReject", another, about({ reason: "why two bags?" })),
      await codeOf("packetWithdraw", another, about({ reason: "superseded" })),
    ];
  },
  OWN_SOURCES: async () => {
    const source = onWire({ ...CONTENTS.OUTAGE_DECLARATION, fallbackTrains: [ready.train] });
    const input = wish({ train: ready.train, exercise: false, source });
    return [await codeOf("sourceAccept", { ...UMA, actor: "another-authority" }, input)];
  },
  ANOTHERS: async () => {
    const on = { train: ready.train, exercise: false };
    const lane = onWire(LANE);
    const owner: Actor = { ...REX, actor: OLGA.actor };
    const preparer: Actor = { ...REX, actor: PIA.actor };
    const proposed = await askVerb(server, "lanePropose", REX, wish({ ...on, lane }));
    const { proposal, digest } = proposed;
    const confirming = wish({ ...on, proposal, digest });
    return [
      await codeOf("lanePropose", owner, wish({ ...on, lane })),
      await codeOf("lanePropose", preparer, wish({ ...on, lane })),
      await codeOf("laneConfirm", REX, confirming),
      await codeOf("laneConfirm", owner, confirming),
      await codeOf("laneConfirm", preparer, confirming),
    ];
  },
};

const REFUSED: Readonly<Record<keyof typeof OUTSIDE, unknown[]>> = {
  OWN_PACKETS: ["APPROVAL_REFUSED", ["NOT_THE_OWNER"], "NOT_THE_OWNER", "NOT_ENTITLED"],
  OWN_SOURCES: ["NOT_THE_AUTHORITY"],
  ANOTHERS: Array.from({ length: 5 }, () => "DUTIES_NOT_SEPARATE"),
};

describe("a role reaches as far as the table says", () => {
  test.each(Object.keys(OUTSIDE) as (keyof typeof OUTSIDE)[])("%s", async (scope) => {
    expect(await OUTSIDE[scope]()).toEqual(REFUSED[scope]);
  });

  test("and every row says how far", () => {
    const scopes = Object.values({ ...PERMISSIONS, ...LOOK_PERMISSIONS }).map(({ scope }) => scope);
    expect([...new Set(scopes)].toSorted()).toEqual(
      [...Object.keys(OUTSIDE), "EVERYTHING", "OWN_REPORTS"].toSorted(),
    );
  });
});

test("rule 2.2: what the owner reports is kept and shown, and clears nothing", async () => {
  await tell(server.desk, ready.packet, [
    { ...confirmation("app"), observed: digestOf("something else") },
  ]);
  const owner: Actor = { ...OLGA, roles: ["APPROVAL_OWNER"] };
  const entries = [onWire(confirmation("app"))];
  const told = await askVerb(server, "readinessRecord", owner, about({ entries }));
  expect(told.code).toBeUndefined();
  const { data } = await server.ask(
    REX,
    `{ packet(packet: "${ready.packet}") { openHoldsByCode { code open }
      advisories { nodes { code } } } }`,
  );
  expect(JSON.stringify(data)).toContain(`{"code":"DIGEST_MISMATCH","open":1}`);
  expect(JSON.stringify(data)).toContain("UNACCEPTED_REPORT");
  await tell(server.desk, ready.packet, [confirmation("app")]);
});

describe("nobody gives themselves a role", () => {
  test("no input has one, in whatever it holds", () => {
    const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType);
    const taking = inputs.flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => getNamedType(field.type).name === "Role")
        .map((field) => `${type.name}.${field.name}`),
    );
    expect(inputs.length).toBeGreaterThan(50);
    expect(taking).toEqual([]);
  });

  test("no mutation speaks of principals, roles or keys", () => {
    const names = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(names.filter((name) => /principal|role|grant|token|key|signer/i.test(name))).toEqual([]);
  });

  test("and a lane that names somebody as the owner gives them no role to decide", async () => {
    const another = await openReady(server.desk, "duties-reader");
    const lane = onWire({ ...LANE, owner: "rita" });
    await settleLane(server.desk, another, lane);
    const rita: Actor = { actor: "rita", kind: "PERSON", roles: ["READER"] };
    expect(await codeOf("packetApprove", rita, approvalOf(another))).toBe("NOT_ENTITLED");
  });
});

test("whoever confirms a lane is another than who proposed it, and both are of release security", async () => {
  const on = { train: ready.train, exercise: false };
  const proposed = await askVerb(server, "lanePropose", RUTH, wish({ ...on, lane: onWire(LANE) }));
  const { proposal, digest } = proposed;
  const confirming = (): object => wish({ ...on, proposal, digest });
  expect(await codeOf("laneConfirm", PAUL, confirming())).toBe("NOT_ENTITLED");
  expect(await codeOf("laneConfirm", REX, confirming())).toBeUndefined();
});

test("rule 2.1: nor has whoever proposed a lane opened the packet since", async () => {
  const settled = await settle(server.desk, "duties-late");
  const on = { train: settled.train, exercise: false };
  const preparer: Actor = { ...REX, actor: PIA.actor };
  const lane = onWire(LANE);
  const proposed = await askVerb(server, "lanePropose", preparer, wish({ ...on, lane }));
  await open(server.desk, settled);
  const { proposal, digest } = proposed;
  const confirmed = await codeOf("laneConfirm", RUTH, wish({ ...on, proposal, digest }));
  expect(confirmed).toBe("DUTIES_NOT_SEPARATE");
});
