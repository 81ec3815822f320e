import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyBundle } from "#audit/bundleFile.ts";
import { findingText } from "#audit/finding.ts";
import { connect } from "#database/connect.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { SharedReport } from "#packet/entry.ts";
import type { Release } from "#packet/rollback.ts";
import { exported, inChunks, newSigning, sourcesOn } from "../bundle/bundleWorld.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import {
  acceptAll,
  contents,
  digestOf,
  enclave,
  ledgerOn,
  open,
  report,
} from "../ledger/trainWorld.ts";
import { makeReleaseKey, signedRelease } from "../proof/releaseKeys.ts";
import { verified } from "./realLineage.ts";

const fresh = freshDatabase();
const database = connect(fresh.url, { applicationName: "holdfast tests", connectionsMax: 4 });
const signing = newSigning();
const key = makeReleaseKey();
let ledger: Ledger;

const plain = {
  release: "r1",
  digest: digestOf("r1"),
  svn: 2,
  masvn: 1,
  denied: [],
  trustedKeys: [],
};
const proven = signedRelease("boot", plain, key);
const claimed = { ...proven, svn: 3 };

function scope(release: Release) {
  return {
    ...contents("any").ROLLBACK_SCOPE,
    packages: [{ package: "back", component: "boot", release }],
  };
}

function initialised(component: string, release: Release): SharedReport {
  return { kind: "RELEASE_INITIALISATION", component, release };
}

/** Opens a train's packet as no verb would: whatever is claimed. */
async function opened(train: string, release: Release): Promise<string> {
  const on = { exercise: false, train };
  await acceptAll(ledger, on, { ROLLBACK_SCOPE: scope(release) });
  return (await open(ledger, on)).packet;
}

const packets = new Map<string, string>();

beforeAll(async () => {
  ledger = await ledgerOn(database);
  await report(ledger, false, [enclave("vault")]);
  packets.set("proven", await opened("proven", proven));
  packets.set("claimed", await opened("claimed", claimed));
  await report(ledger, false, [initialised("boot", proven), initialised("elsewhere", proven)]);
  await ledger.sequence();
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

async function findingsOf(train: string): Promise<string[]> {
  const packet = packets.get(train) ?? "";
  const lines = await exported(sourcesOn(ledger, signing), packet, "FULL");
  const { signer, witness } = signing;
  const keys = { keys: [signer.verifierKey], witnesses: [witness.verifierKey] };
  const { findings } = await verifyBundle(inChunks([lines.join("")]), {
    ...keys,
    signers: undefined,
  });
  return findings.map(({ kind, found }) => `${kind}: ${found}`);
}

describe("who is only said to have signed a release", () => {
  test("is found in the sources and entries of the database, each where it stands", async () => {
    const { findings } = await verified(fresh.url);
    const told = findings.map(
      ({ kind, place }) => `${kind} ${place.table} ${place.row} ${place.column}`,
    );
    expect(told.filter((line) => line.startsWith("SIGNATURE"))).toHaveLength(2);
    expect(findings.map(findingText).join("\n")).toMatch(/claimed, ROLLBACK_SCOPE version 1/);
    expect(told.join("\n")).toContain("content.packages.0.release.signatures.0");
    expect(told.join("\n")).toContain("body.release.signatures.0");
  });

  test("is found in a bundle, and nothing in the one of whoever did sign", async () => {
    expect(await findingsOf("proven")).toEqual([]);
    expect(await findingsOf("claimed")).toEqual([
      "SIGNATURE: it is no signature of this message by its key",
    ]);
  });

  test("every report was told to whoever depends on the component, and nobody else", async () => {
    const { findings } = await verified(fresh.url);
    expect(findings.filter(({ kind }) => kind !== "SIGNATURE").map(findingText)).toEqual([]);
  });
});
