import { writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { openHolds } from "#gate/view.ts";
import type { SharedReport } from "#packet/entry.ts";
import { InvalidInput, type Refusal } from "#packet/refusal.ts";
import type { Release } from "#packet/rollback.ts";
import { shardOf, shardText } from "#proof/revocationList.ts";
import { changePreview } from "#workflow/changePreview.ts";
import { packetBind } from "#workflow/packetBind.ts";
import { packetOpen } from "#workflow/packetOpen.ts";
import { packetRead } from "#workflow/packetRead.ts";
import { revocationPreview } from "#workflow/revocationPreview.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { sourceAccept } from "#workflow/sourceAccept.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { component, declaration, initialisation, rotation } from "../gate/reports.ts";
import { CONTENTS, release } from "../gate/train.ts";
import { lineOf } from "../identity/offlineWorld.ts";
import { ownFolder } from "../identity/passports.ts";
import { type ReleaseKey, makeReleaseKey, signedRelease } from "../proof/releaseKeys.ts";
import { INES, listOf, signedText } from "../revocation/lists.ts";
import { PIA, REX, RITA, RUTH, UMA } from "../workflow/cast.ts";
import {
  BINDINGS,
  type Opened,
  type Wire,
  accept,
  accepted,
  newKey,
  onWire,
  openReady,
  settle,
} from "../workflow/trains.ts";
import { served } from "./served.ts";

const folder = ownFolder();
const place = (name: string): string => path.join(folder.path, name);

/** The files are named before the server starts, when the folder is there. */
const files = {
  get HOLDFAST_SIGNERS() {
    return place("allowed_signers");
  },
  get HOLDFAST_REVOKED_KEYS() {
    return place("revoked_keys");
  },
};
const server = served(
  freshDatabase(),
  async () => {
    await writeFile(place("allowed_signers"), lineOf("ruth", INES, "revocation@holdfast"));
    await writeFile(place("revoked_keys"), "");
  },
  {},
  files,
);

/** Pushes the next list of a key's shard, as an issuer does in an emergency. */
async function revoke({ fingerprint }: ReleaseKey): Promise<void> {
  const id = `key:${fingerprint}`;
  const { deployment } = server.desk.ledger;
  const list = signedText(listOf([id], { deployment, issuedBy: "ruth" }));
  const address = new URL(`/revocation/${shardText(shardOf(id))}`, server.url);
  const answer = await fetch(address, { method: "POST", body: new Uint8Array(list) });
  expect(answer.status).toBe(200);
}

function scopeOf(name: string, kept: Release, patch: Release): Wire {
  const packages = [{ package: "back", component: name, release: kept }];
  const trainReleases = [{ component: name, release: patch }];
  return onWire({ ...CONTENTS.ROLLBACK_SCOPE, packages, trainReleases });
}

/** Both releases of a train on its own component, signed with these keys. */
function signedScope(name: string, ...keys: readonly ReleaseKey[]): Wire {
  const [kept, patch] = [release("r1", 4, 1), release("r2", 5, 4)];
  return scopeOf(name, signedRelease(name, kept, ...keys), signedRelease(name, patch, ...keys));
}

function record(entry: SharedReport) {
  const wish = { idempotencyKey: newKey(), exercise: false, entries: [onWire(entry)] };
  return sharedRecord(server.desk, REX, wish);
}

function rescope(train: string, source: Wire) {
  const wish = { idempotencyKey: newKey(), train, exercise: false, source };
  return sourceAccept(server.desk, UMA, wish);
}

/** The places of the faults, and what is said of the first. */
function faultsOf(answer: object | Refusal): readonly [places: readonly string[], why: string] {
  if (!(answer instanceof InvalidInput)) throw new Error(JSON.stringify(answer));
  const [first] = answer.faults;
  return [answer.faults.map((fault) => fault.path.join(".")), first?.message ?? ""];
}

async function holdsOf({ packet }: Opened): Promise<string[]> {
  const { state } = accepted(await packetRead(server.desk, RUTH, packet));
  return openHolds(state).map(({ code }) => code);
}

async function gaps(): Promise<string[]> {
  const query = "{ recoveryDesign(exercise: false) { markdown } }";
  const { data, errors } = await server.ask(RUTH, query);
  expect(errors).toEqual([]);
  const design = data?.["recoveryDesign"] as { readonly markdown: string } | undefined;
  const markdown = design?.markdown ?? "";
  const start = markdown.indexOf("## Gaps");
  return markdown.slice(start, markdown.indexOf("\n## ", start)).split("\n");
}

const FORBIDS = /^it is revoked; have the release signed with a key that counts/;

describe("a key that signs releases is revoked", () => {
  const [leaked, next] = [makeReleaseKey(), makeReleaseKey()];
  const trusting = (name: string) =>
    component(0, { component: name, trustedKeys: [leaked.fingerprint] });
  const before = signedScope("core", leaked);
  let opened: Opened;

  test("until then its releases count, and a preview says what goes by it", async () => {
    opened = await openReady(server.desk, "core", { sources: [before] });
    await settle(server.desk, "later", { sources: [signedScope("later", leaked)] });
    accepted(await record(trusting("core")));
    accepted(await record(initialisation(signedRelease("core", release("r2", 5, 4), leaked))));
    expect(await holdsOf(opened)).toEqual([]);
    const key = `key:${leaked.fingerprint}`;
    const impact = accepted(await revocationPreview(server.desk, RUTH, { revoked: [key] }));
    expect(impact.keysCutOff).toEqual([
      { fingerprint: leaked.fingerprint, holder: null, components: ["core"] },
    ]);
    await revoke(leaked);
  });

  test("from then on whatever it signed is refused by its place, with what to do", async () => {
    const again = signedRelease("core", release("r3", 6, 4), next, leaked);
    const [places, why] = faultsOf(await record(initialisation(again)));
    expect(places).toEqual(["entries.0.release.signedBy.1"]);
    expect(why).toMatch(FORBIDS);
    const inScope = ["packages", "trainReleases"].map(
      (part) => `source.${part}.0.release.signedBy.0`,
    );
    expect(faultsOf(await rescope("core", before))[0]).toEqual(inScope);
    const source = { kind: "SOURCE", source: before };
    const preview = { packet: opened.packet, change: source };
    const foreseen = await changePreview(server.desk, REX, preview);
    expect(faultsOf(foreseen)[0]).toEqual(inScope.map((at) => `change.${at}`));
  });

  test("no rotation and no declaration makes it trusted", async () => {
    const keys = { outgoing: next.fingerprint, incoming: leaked.fingerprint };
    expect(faultsOf(await record(rotation(keys)))[0]).toEqual(["entries.0.incoming"]);
    const meant = { trustedKeys: [next.fingerprint, leaked.fingerprint] };
    const declared = await record(declaration({}, meant));
    expect(faultsOf(declared)[0]).toEqual(["entries.0.intended.trustedKeys.1"]);
    // A report tells what is: to refuse it would hide that a component trusts the key.
    accepted(await record(trusting("other")));
  });

  test("no packet is opened on a scope that was accepted before, nor bound to one anew", async () => {
    const opening = { train: "later", exercise: false, bindings: BINDINGS, entries: [] };
    const open = () => packetOpen(server.desk, PIA, { ...opening, idempotencyKey: newKey() });
    const [places, why] = faultsOf(await open());
    expect(places).toEqual(["bindings.ROLLBACK_SCOPE"]);
    expect(why).toContain("release r1 for later, signed with a key that is revoked");
    // What stays bound to as it was is not judged again: other sources can be bound anew.
    const { packet } = opened;
    accepted(
      await packetBind(server.desk, PIA, { idempotencyKey: newKey(), packet, bindings: BINDINGS }),
    );
    accepted(await rescope("later", signedScope("later", next)));
    opening.bindings = { ...BINDINGS, ROLLBACK_SCOPE: 2 };
    accepted(await open());
  });

  test("what it signed before stands, is a gap of the recovery design, and is held once it is rotated out", async () => {
    expect(await holdsOf(opened)).toEqual([]);
    const key = `\`${leaked.fingerprint}\`, which is revoked`;
    expect(await gaps()).toEqual(
      expect.arrayContaining([
        `- Rollback control: \`core\` trusts ${key}: rotate it out suddenly`,
        `- Rollback control: release \`r1\` for \`core\` is signed with ${key}: have it signed with another key`,
        `- Rollback control: \`other\` trusts ${key}: rotate it out suddenly`,
      ]),
    );
    const keys = { outgoing: leaked.fingerprint, incoming: next.fingerprint };
    for (const name of ["core", "other"]) {
      accepted(await record(rotation({ ...keys, mode: "SUDDEN", component: name })));
    }
    expect(await holdsOf(opened)).toEqual(["ROLLBACK_INADMISSIBLE"]);
    expect((await gaps()).filter((gap) => gap.includes("rotate it out"))).toEqual([]);
    await accept(server.desk, opened, signedScope("core", next));
    const bindings = { ...BINDINGS, ROLLBACK_SCOPE: 2 };
    const bound = { idempotencyKey: newKey(), packet: opened.packet, bindings };
    accepted(await packetBind(server.desk, PIA, bound));
    expect(await holdsOf(opened)).toEqual([]);
    expect((await gaps()).filter((gap) => gap.includes("is revoked"))).toEqual([]);
  });
});

test("a key that the file of revoked keys names is refused as well", async () => {
  const local = makeReleaseKey();
  const signed = initialisation(signedRelease("core-2", release("r2", 5, 4), local), "core-2");
  accepted(await record(signed));
  await writeFile(place("revoked_keys"), `${local.fingerprint}\n`);
  // Files are looked at again within a second, whenever somebody is let in.
  for (;;) {
    await server.ask(RITA, "{ viewer { actor } }");
    const answer = await record(signed);
    if (!(answer instanceof InvalidInput)) continue;
    expect(faultsOf(answer)[1]).toMatch(FORBIDS);
    break;
  }
});

test("none of it ended in a crash", () => {
  expect(server.heard.lines.filter(({ level }) => level === "error")).toEqual([]);
});
