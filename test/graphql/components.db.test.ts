import { beforeAll, describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import type { SharedReport } from "#packet/entry.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { component, declaration, seen } from "../gate/reports.ts";
import { CONTENTS, digestOf, release } from "../gate/train.ts";
import { PAUL, REX, RITA, RUTH } from "../workflow/cast.ts";
import { type Opened, type Wire, newKey, onWire, openReady } from "../workflow/trains.ts";
import { callersInput } from "./callersInput.ts";
import { type Answered, served } from "./served.ts";
import { inputOf } from "./verbDocuments.ts";

const fresh = freshDatabase();
const server = served(fresh);
const VERA: Actor = { actor: "vera", kind: "PERSON", roles: ["VIEWER"] };

/** A rollback scope for a component of the train's own. */
function scopeFor(name: string): Wire {
  const kept = { package: "back", component: name, release: release("r1", 4, 1) };
  const own = { component: name, release: release("r2", 5, 4) };
  return onWire({ ...CONTENTS.ROLLBACK_SCOPE, packages: [kept], trainReleases: [own] });
}

function trainWith(name: string, options: { readonly exercise?: boolean } = {}): Promise<Opened> {
  return openReady(server.desk, `train-${name}`, { ...options, sources: [scopeFor(name)] });
}

const RECORD = `mutation ($input: SharedRecordInput!) { sharedRecord(input: $input) {
  ... on Error { code }
  ... on SharedRecordPayload { appended { packet { packet status } } } } }`;

async function record(by: Actor, entry: SharedReport, exercise = false): Promise<unknown> {
  const wish = { idempotencyKey: newKey(), exercise, entries: [onWire(entry)] };
  const input = callersInput(inputOf("sharedRecord").type, wish).value;
  const { data, errors } = await server.ask(by, RECORD, { input });
  expect(errors).toEqual([]);
  return data?.["sharedRecord"];
}

interface Held {
  readonly status: string;
  readonly codes: readonly string[];
  readonly remedies: readonly string[];
}

async function holds({ packet }: Opened): Promise<Held> {
  const query = `query ($packet: UUID!) { packet(packet: $packet) { status
    holds(first: 20) { nodes { code status remedy prerequisite } } } }`;
  const { data, errors } = await server.ask(RITA, query, { packet });
  expect(errors).toEqual([]);
  const found = data?.["packet"] as {
    readonly status: string;
    readonly holds: { readonly nodes: { code: string; status: string; remedy: string }[] };
  };
  const open = found.holds.nodes.filter(({ status }) => status === "OPEN");
  return {
    status: found.status,
    codes: open.map(({ code }) => code),
    remedies: open.map(({ remedy }) => remedy),
  };
}

const COMPONENT = `label component componentKind keySlotsUsed
  declaration { component intended { release floor } spareParts { release svn } reporter }
  recorded { floor denied trustedKeys } reports { standpoint running reporter }
  deviations { code about expected found repair }`;

function look(by: Actor, name: string, exercise = false): Promise<Answered> {
  const query = `query ($name: String!, $exercise: Boolean!) {
    component(name: $name, exercise: $exercise) { ${COMPONENT} } }`;
  return server.ask(by, query, { name, exercise });
}

interface Shown {
  readonly deviations: readonly { readonly code: string; readonly repair: string | null }[];
  readonly [field: string]: unknown;
}

async function shown(name: string, exercise = false): Promise<Shown | null> {
  const { data, errors } = await look(RITA, name, exercise);
  expect(errors).toEqual([]);
  return (data?.["component"] ?? null) as Shown | null;
}

describe("this mechanism alone", () => {
  const held = ["ROLLBACK_COMPONENT_DEVIATION"];

  test("opens a hold when a component is declared, and clears it when it is seen to be so from outside", async () => {
    const ready = await trainWith("alone");
    const at = { component: "alone" };
    expect((await shown("alone"))?.["declaration"]).toBeNull();
    await record(REX, declaration(at));
    expect(await holds(ready)).toEqual({
      status: "ESCALATED",
      codes: held,
      remedies: ["RELEASE_SECURITY"],
    });
    expect((await shown("alone"))?.deviations.map(({ code }) => code)).toEqual(["UNREPORTED"]);
    await record(RUTH, component(0, { ...at, running: digestOf("r2") }));
    expect((await holds(ready)).codes).toEqual(held);
    const [unconfirmed, ...more] = (await shown("alone"))?.deviations ?? [];
    expect([unconfirmed?.code, more]).toEqual(["UNCONFIRMED", []]);
    expect(unconfirmed?.repair).toMatch(/OUTSIDE/);
    await record(REX, seen(at));
    expect(await holds(ready)).toEqual({ status: "READY_FOR_APPROVAL", codes: [], remedies: [] });
    expect((await shown("alone"))?.deviations).toEqual([]);
  });

  test("holds every open packet that goes back on the component, in one transaction", async () => {
    const both = [await trainWith("twice"), await openOther("twice")];
    const answer = await record(REX, declaration({ component: "twice" }));
    const packets = both.map(({ packet }) => packet).toSorted();
    const appended = packets.map((packet) => ({ packet: { packet, status: "ESCALATED" } }));
    expect(answer).toEqual({ appended });
  });

  test("an exercise's declaration never reaches a real packet, nor the other way round (rule 2.3)", async () => {
    const real = await trainWith("drilled");
    const drill = await trainWith("drilled", { exercise: true });
    expect(await record(REX, declaration({ component: "drilled" }), true)).toEqual({
      appended: [{ packet: { packet: drill.packet, status: "ESCALATED" } }],
    });
    expect((await holds(real)).codes).toEqual([]);
    expect((await shown("drilled"))?.["declaration"]).toBeNull();
    expect((await shown("drilled", true))?.["declaration"]).not.toBeNull();
  });

  test("takes a person of release security", async () => {
    await expect(record(PAUL, declaration())).resolves.toEqual({ code: "NOT_ENTITLED" });
  });
});

function openOther(name: string): Promise<Opened> {
  return openReady(server.desk, `other-${name}`, { sources: [scopeFor(name)] });
}

describe("what is shown of a component", () => {
  beforeAll(async () => {
    await trainWith("shown");
    const parts = { keySlots: 4, spareParts: [{ release: "r1", svn: 4 }] };
    const firmware = { component: "shown", componentKind: "FIRMWARE" as const, ...parts };
    await record(REX, declaration(firmware, { floor: 1, trustedKeys: ["key-1"] }));
    const found = { denied: [digestOf("bad")], trustedKeys: ["key-2"], keySlotsUsed: 4 };
    await record(RUTH, seen({ component: "shown", floor: 2, ...found }));
  });

  test("its declaration, its state, and each deviation with what would remove it", async () => {
    const found = await shown("shown");
    expect(found).toMatchObject({
      component: "shown",
      componentKind: "FIRMWARE",
      keySlotsUsed: 4,
      declaration: {
        intended: { release: "r2", floor: 1 },
        spareParts: [{ release: "r1", svn: 4 }],
        reporter: "rex",
      },
      recorded: { floor: 2, denied: [digestOf("bad")], trustedKeys: ["key-2"] },
      reports: [{ standpoint: "OUTSIDE", running: digestOf("r2"), reporter: "ruth" }],
      deviations: [
        { code: "FLOOR_TOO_HIGH" },
        { code: "DENY_ENTRY_UNDECLARED", about: [digestOf("bad")] },
        { code: "KEY_MISSING", about: ["key-1"] },
        { code: "KEY_UNDECLARED", about: ["key-2"] },
      ],
    });
    const [floor, , key] = found?.deviations.map(({ repair }) => repair) ?? [];
    expect(floor).toMatch(/never goes down.*Declare/);
    expect(key).toMatch(/4 of its 4/);
  });

  test("and of one of which nobody spoke, that there is no declaration; of none, nothing", async () => {
    await trainWith("silent");
    expect(await shown("silent")).toMatchObject({ declaration: null, reports: [], recorded: null });
    for (const name of ["nowhere", "", "\0", "x".repeat(500)]) expect(await shown(name)).toBeNull();
  });

  test("a viewer sees labels and codes under no name, and cannot ask for one", async () => {
    const asked = await look(VERA, "shown");
    expect(asked.errors.map(({ extensions }) => extensions?.code)).toEqual(["NOT_ENTITLED"]);
    const query = `{ components(exercise: false, first: 20) { nodes { ${COMPONENT} } } }`;
    const { data, text, errors } = await server.ask(VERA, query);
    expect(errors).toEqual([]);
    const list = data?.["components"] as { readonly nodes: readonly Shown[] };
    const codes = list.nodes.map(({ deviations }) => deviations.map(({ code }) => code).join(" "));
    expect(codes).toContain("FLOOR_TOO_HIGH DENY_ENTRY_UNDECLARED KEY_MISSING KEY_UNDECLARED");
    expect(text).not.toMatch(/shown|key-|sha256|never goes down|rex/);
  });

  test("the list is walked by pages without a gap or a double, and each keeps its label", async () => {
    const query = `query ($after: String) { components(exercise: false, first: 2, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { label component } } }`;
    const found: { label: string; component: string }[] = [];
    let after: string | null = null;
    let total = 0;
    do {
      const { data } = await server.ask(RITA, query, { after });
      const page = data?.["components"] as {
        readonly totalCount: number;
        readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
        readonly nodes: { label: string; component: string }[];
      };
      found.push(...page.nodes);
      total = page.totalCount;
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    const names = await server.desk.ledger.components(false);
    expect(found.map((one) => one.component).toSorted()).toEqual([...names]);
    expect(total).toBe(names.length);
    expect(new Set(found.map(({ label }) => label)).size).toBe(names.length);
    for (const { label, component: name } of found)
      expect((await shown(name))?.["label"]).toBe(label);
  });
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
