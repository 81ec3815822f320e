import { describe, expect, test } from "vitest";
import type { Actor } from "#packet/actor.ts";
import type { SharedReport } from "#packet/entry.ts";
import type { Release } from "#packet/rollback.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { component, declaration, initialisation, rotation } from "../gate/reports.ts";
import { CONTENTS, digestOf, release } from "../gate/train.ts";
import { makeReleaseKey, signedRelease } from "../proof/releaseKeys.ts";
import { PAUL, REX, RITA, UMA } from "../workflow/cast.ts";
import {
  GOOD_NEWS,
  type Opened,
  type Wire,
  newKey,
  onWire,
  open,
  openReady,
  settle,
  tell,
} from "../workflow/trains.ts";
import { callersInput } from "./callersInput.ts";
import { served } from "./served.ts";
import { inputOf } from "./verbDocuments.ts";

const fresh = freshDatabase();
const server = served(fresh);

/** A rollback scope with one package and one release of the train's own. */
function scopeOf(name: string, kept: Release, patch: Release): Wire {
  const packages = [{ package: "back", component: name, release: kept }];
  const trainReleases = [{ component: name, release: patch }];
  return onWire({ ...CONTENTS.ROLLBACK_SCOPE, packages, trainReleases });
}

function ready(name: string, kept: Release, patch: Release): Promise<Opened> {
  return openReady(server.desk, `train-${name}`, { sources: [scopeOf(name, kept, patch)] });
}

interface Answer {
  readonly code?: string;
  readonly faults?: readonly { readonly path: readonly string[] }[];
  readonly [member: string]: unknown;
}

async function ask(by: Actor, verb: string, members: string, wish: Wire): Promise<Answer> {
  const { name, type } = inputOf(verb);
  const operation = verb === "rollbackForecast" ? "query" : "mutation";
  const document = `${operation} ($input: ${String(type)}) { ${verb}(${name}: $input) {
    ... on Error { code message } ... on InvalidInput { faults { path } }
    ${members} } }`;
  const { data, errors } = await server.ask(by, document, {
    input: callersInput(type, wish).value,
  });
  expect(errors).toEqual([]);
  return data?.[verb] as Answer;
}

const RECORDED = `... on ReleaseInadmissible { causes path }
  ... on KeySlotsExhausted { slots used }
  ... on SharedRecordPayload { appended { packet { packet status } } }`;

function record(entry: SharedReport, by = REX): Promise<Answer> {
  const wish = { idempotencyKey: newKey(), exercise: false, entries: [onWire(entry)] };
  return ask(by, "sharedRecord", RECORDED, wish);
}

/** Accepts another scope and binds the packet to it. */
async function rescope({ train, packet }: Opened, source: Wire, version = 2): Promise<Answer> {
  const wish = { idempotencyKey: newKey(), train, exercise: false, source };
  const answer = await ask(UMA, "sourceAccept", `... on SourceAcceptPayload { repeated }`, wish);
  if (answer.code !== undefined) return answer;
  const bindings = { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1 };
  const bound = { idempotencyKey: newKey(), packet };
  const preparer: Actor = { actor: "pia", kind: "PERSON", roles: ["PREPARER"] };
  return ask(preparer, "packetBind", `... on PacketBindPayload { repeated }`, {
    ...bound,
    bindings: { ...bindings, ROLLBACK_SCOPE: version },
  });
}

interface Standing {
  readonly status: string;
  readonly open: readonly string[];
  readonly why: readonly string[];
}

async function standing({ packet }: Opened): Promise<Standing> {
  const query = `query ($packet: UUID!) { packet(packet: $packet) { status
    holds(first: 50) { nodes { code status why } } } }`;
  const { data, errors } = await server.ask(RITA, query, { packet });
  expect(errors).toEqual([]);
  const found = data?.["packet"] as {
    readonly status: string;
    readonly holds: { readonly nodes: { code: string; status: string; why: string }[] };
  };
  const open = found.holds.nodes.filter(({ status }) => status === "OPEN");
  return {
    status: found.status,
    open: open.map(({ code }) => code),
    why: open.map(({ why }) => why),
  };
}

async function expectHeld(opened: Opened, why: RegExp): Promise<void> {
  const held = await standing(opened);
  expect(held).toMatchObject(HELD);
  expect(held.why.join()).toMatch(why);
}

const HELD = { status: "ESCALATED", open: ["ROLLBACK_INADMISSIBLE"] };
const READY = { status: "READY_FOR_APPROVAL", open: [], why: [] };

/** Custody of another release under the package's name. */
const custodyOf = (name: string): Wire[] =>
  GOOD_NEWS.filter(({ kind }) => kind === "CUSTODY").map((word) => ({
    ...word,
    digest: digestOf(name),
    observed: digestOf(name),
  }));

async function shown(name: string): Promise<Answer> {
  const query = `query ($name: String!) { component(name: $name, exercise: false) {
    recorded { floor denied trustedKeys } retiredKeys overlaps { outgoing incoming }
    denyEntries { release isRedundant }
    unzippings { isWhole found { vulnerable { release } path { release } } } } }`;
  const { data, errors } = await server.ask(RITA, query, { name });
  expect(errors).toEqual([]);
  return data?.["component"] as Answer;
}

describe("release i-1 is vulnerable, release i fixes it, release i+1 shuts it out", () => {
  const before = release("r1", 4, 1);
  const fixed = release("r2", 5, 4);
  const later = release("r3", 6, 5);

  test("on each component once i+1 initialises there, without any coordination, and i stays", async () => {
    const opened = await ready("worked", before, fixed);
    const other = await ready("elsewhere", before, fixed);
    expect(await standing(opened)).toEqual(READY);

    const install = (one: Release, on = "worked") => record(initialisation(one, on));
    expect(await install(fixed)).toMatchObject({ appended: [{}] });
    expect(await standing(opened)).toEqual(READY);
    // While i proves itself, i-1 can be gone back to.
    expect(await install(before)).toMatchObject({ appended: [{}] });
    expect(await install(fixed)).toMatchObject({ appended: [{}] });

    expect(await install(later)).toMatchObject({
      appended: [{ packet: { packet: opened.packet, status: "ESCALATED" } }],
    });
    expect(await standing(opened)).toMatchObject(HELD);
    expect(await install(before)).toMatchObject({
      code: "RELEASE_INADMISSIBLE",
      causes: ["BELOW_FLOOR"],
      path: ["input", "entries", "0", "releaseInitialisation", "release"],
    });
    expect(await install(fixed)).toMatchObject({ appended: [{}] });
    expect((await shown("worked"))["recorded"]).toMatchObject({ floor: 5 });

    expect(await standing(other)).toEqual(READY);
    expect(await install(before, "elsewhere")).toMatchObject({ appended: [{}] });
  });

  test("however many say so at once, and whatever is told again afterwards, the floor stays", async () => {
    const installs = [later, before, fixed, later, before, fixed].map((one) =>
      record(initialisation(one, "raced")),
    );
    await Promise.all(installs);
    expect((await shown("raced"))["recorded"]).toMatchObject({ floor: 5 });
    expect(await record(component(0, { component: "raced" }))).not.toHaveProperty("code");
    expect((await shown("raced"))["recorded"]).toMatchObject({ floor: 5 });
    expect(await record(initialisation(before, "raced"))).toMatchObject({
      code: "RELEASE_INADMISSIBLE",
    });
  });
});

describe("each mechanism alone, the others off", () => {
  test("the floor opens a hold, which only another scope ends", async () => {
    const opened = await ready("floor", release("r1", 4, 1), release("r2", 5, 4));
    await record(initialisation(release("r3", 6, 5), "floor"));
    await expectHeld(opened, /floor/);
    await record(component(0, { component: "floor" }));
    expect(await standing(opened)).toMatchObject(HELD);
    await rescope(opened, scopeOf("floor", release("r2", 5, 4), release("r3", 6, 5)));
    await tell(server.desk, opened.packet, custodyOf("r2"));
    expect(await standing(opened)).toEqual(READY);
  });

  test("the deny list opens a hold, which only another scope ends", async () => {
    const opened = await ready("denied", release("r1", 4, 0), release("r2", 4, 0));
    const denies = { ...release("r3", 4, 0), denied: [digestOf("r1")] };
    await record(initialisation(denies, "denied"));
    await expectHeld(opened, /deny/);
    await rescope(opened, scopeOf("denied", release("r2", 4, 0), release("r3", 4, 0)));
    await tell(server.desk, opened.packet, custodyOf("r2"));
    expect(await standing(opened)).toEqual(READY);
  });

  test("a rotation opens a hold, which the package with both signatures clears", async () => {
    const [old, next] = [makeReleaseKey(), makeReleaseKey()];
    const kept = release("r1", 4, 0);
    const patch = signedRelease("keys", release("r2", 4, 0), old, next);
    const opened = await ready("keys", signedRelease("keys", kept, old), patch);
    const keys = { component: "keys", outgoing: old.fingerprint, incoming: next.fingerprint };
    await record(rotation(keys));
    expect(await standing(opened)).toEqual(READY);
    await record(rotation({ ...keys, mode: "OVERLAP_END" }));
    await expectHeld(opened, /keys/);
    await rescope(opened, scopeOf("keys", signedRelease("keys", kept, old, next), patch));
    expect(await standing(opened)).toEqual(READY);
    expect(await shown("keys")).toMatchObject({
      recorded: { trustedKeys: [next.fingerprint] },
      retiredKeys: [old.fingerprint],
      overlaps: [],
    });
  });
});

describe("who is only said to have signed", () => {
  const key = makeReleaseKey();
  const good = signedRelease("proof", release("r1", 4, 1), key);

  test("is refused by path, in a scope and in a report", async () => {
    const opened = await ready("proof", good, release("r2", 5, 4));
    const claimed = { ...release("r2", 5, 4), signedBy: [key.fingerprint] };
    const place = ["input", "source", "rollbackScope", "trainReleases", "0", "release"];
    expect(await rescope(opened, scopeOf("proof", good, claimed))).toMatchObject({
      code: "INVALID_INPUT",
      faults: [{ path: [...place, "signedBy", "0"] }],
    });
    const changed = { ...good, svn: 9 };
    const inReport = ["input", "entries", "0", "releaseInitialisation", "release"];
    expect(await record(initialisation(changed, "proof"))).toMatchObject({
      code: "INVALID_INPUT",
      faults: [
        { path: [...inReport, "signatures", "0"] },
        { path: [...inReport, "signedBy", "0"] },
      ],
    });
    expect(await record(initialisation(good, "another"))).toMatchObject({ code: "INVALID_INPUT" });
    expect(await record(initialisation(good, "proof"))).toMatchObject({ appended: [{}] });
    expect(await standing(opened)).toEqual(READY);
  });
});

describe("firmware", () => {
  test("a rotation that leaves no free slot is refused with the numbers", async () => {
    const declared = { component: "chip", componentKind: "FIRMWARE" as const, keySlots: 3 };
    await record(declaration(declared, { trustedKeys: ["key-1"] }));
    await record(component(0, { component: "chip", trustedKeys: ["key-1"] }));
    const first = { component: "chip", mode: "SUDDEN" as const };
    expect(await record(rotation(first))).toMatchObject({ appended: [] });
    const second = { ...first, outgoing: "key-2", incoming: "key-3" };
    expect(await record(rotation(second))).toMatchObject({
      code: "KEY_SLOTS_EXHAUSTED",
      slots: 3,
      used: 2,
    });
  });
});

describe("what is shown of a deny list", () => {
  test("which entries the floor has made redundant, and the way down that it leaves", async () => {
    const [oldest, old] = [release("r0", 3, 0), release("r1", 4, 0)];
    for (const one of [oldest, old, release("r2", 5, 0)]) await record(initialisation(one, "zip"));
    const denying = { ...release("r3", 6, 0), denied: [digestOf("r1")] };
    await record(initialisation(denying, "zip"));
    expect(await shown("zip")).toMatchObject({
      denyEntries: [{ release: "r1", isRedundant: false }],
      unzippings: {
        isWhole: true,
        found: [{ vulnerable: { release: "r0" }, path: [{ release: "r0" }] }],
      },
    });
    await record(initialisation({ ...release("r4", 7, 5) }, "zip"));
    expect(await shown("zip")).toMatchObject({
      denyEntries: [{ release: "r1", isRedundant: true }],
      unzippings: { isWhole: true, found: [] },
    });
  });

  test("that there are too many ways to search them all, which is a gap of the recovery design", async () => {
    const root = makeReleaseKey();
    const signed = (name: string, trustedKeys: string[]): Release =>
      signedRelease("wide", { ...release(name, 9, 0), trustedKeys }, root);
    // Each may be installed or not, in any order: 2 to the 12th states of the component.
    const packages = Array.from({ length: 12 }, (_, at) => ({
      package: `back-${at}`,
      component: "wide",
      release: signed(`n${at}`, [`key-${at}`]),
    }));
    const trainReleases = [{ component: "wide", release: signed("n12", []) }];
    const scope = onWire({ ...CONTENTS.ROLLBACK_SCOPE, packages, trainReleases });
    await open(server.desk, await settle(server.desk, "train-wide", { sources: [scope] }));
    const trusting = { component: "wide", trustedKeys: [root.fingerprint] };
    await record(component(0, trusting));
    expect(await shown("wide")).toMatchObject({ unzippings: { isWhole: false, found: [] } });
    const query = "{ recoveryDesign(exercise: false) { markdown } }";
    const { data } = await server.ask(REX, query);
    expect(data?.["recoveryDesign"]).toMatchObject({
      markdown: expect.stringContaining(
        "- Rollback control: the ways down that `wide` leaves open are too many to search them all",
      ) as string,
    });
  });
});

describe("a forecast", () => {
  const FORECAST = `... on RollbackForecast { packets { packet isNewlyHeld
    packages { package release { release } reasons } opened { code subject } } }`;
  const foresee = (name: string, change: Wire, by = RITA): Promise<Answer> =>
    ask(by, "rollbackForecast", FORECAST, { component: name, exercise: false, change });

  test("tells which packages a floor would shut out, and which packets it would hold, as it then does", async () => {
    const one = await ready("foreseen", release("r1", 4, 1), release("r2", 5, 4));
    expect(await foresee("foreseen", { kind: "FLOOR", floor: 4 })).toMatchObject({ packets: [] });
    const foretold = await foresee("foreseen", { kind: "FLOOR", floor: 5 });
    expect(foretold).toMatchObject({
      packets: [
        {
          packet: one.packet,
          isNewlyHeld: true,
          packages: [{ package: "back", release: { release: "r1" }, reasons: ["BELOW_FLOOR"] }],
          opened: [{ code: "ROLLBACK_INADMISSIBLE", subject: `back ${digestOf("r1")}` }],
        },
      ],
    });
    expect(await standing(one)).toEqual(READY);
    expect(await record(initialisation(release("r3", 6, 5), "foreseen"))).toMatchObject({
      appended: [{ packet: { packet: one.packet, status: "ESCALATED" } }],
    });
  });

  test("of a sudden rotation tells what it kills, and of an overlap that it kills nothing", async () => {
    const [old, next] = [makeReleaseKey(), makeReleaseKey()];
    const both = signedRelease("killed", release("r2", 5, 4), old, next);
    const opened = await ready("killed", signedRelease("killed", release("r1", 4, 1), old), both);
    const keys = { outgoing: old.fingerprint, incoming: next.fingerprint };
    const planned = (mode: string) => foresee("killed", { kind: "ROTATION", mode, ...keys });
    expect(await planned("OVERLAP")).toMatchObject({ packets: [] });
    expect(await planned("SUDDEN")).toMatchObject({
      packets: [{ packet: opened.packet, packages: [{ reasons: ["UNTRUSTED_KEY"] }] }],
    });
  });

  test("takes a reader", async () => {
    const vera: Actor = { actor: "vera", kind: "PERSON", roles: ["VIEWER"] };
    const floor = { kind: "FLOOR", floor: 5 };
    expect(await foresee("foreseen", floor, vera)).toMatchObject({ code: "NOT_ENTITLED" });
  });
});

test("only release security records what is installed and which key goes", async () => {
  expect(await record(initialisation(), PAUL)).toMatchObject({ code: "NOT_ENTITLED" });
  expect(await record(rotation(), PAUL)).toMatchObject({ code: "NOT_ENTITLED" });
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
