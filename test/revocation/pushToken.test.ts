import { expect, test } from "vitest";
import { readSignedList, shardOf } from "#proof/revocationList.ts";
import { describeChange, readChange, revocationChange } from "#recovery/change.ts";
import { pushFault } from "#revocation/pushToken.ts";
import { openRevocationCopy } from "#revocation/revocationCopy.ts";
import { heardLog } from "../identity/heardLog.ts";
import { ownFolder } from "../identity/passports.ts";
import { tokenMaker } from "../recovery/tokenMaker.ts";
import { GROUND, listOf, signedText } from "./lists.ts";

const maker = tokenMaker();
const DEPLOYMENT = "0198f5a0-0000-7000-8000-000000000001";
const folder = ownFolder();
const ANN = "principal:ann";
const BEN = "principal:ben";
const ground = { ...GROUND, deployment: DEPLOYMENT };
const list = (id: string) => listOf([id], { deployment: DEPLOYMENT });

function read(id: string) {
  const signed = readSignedList(signedText(list(id)));
  if (signed === null) throw new Error("the test's own list cannot be read");
  return signed;
}

const tokenFor = (id: string, said: Parameters<typeof maker.token>[1] = {}): string =>
  maker.token(describeChange(DEPLOYMENT, revocationChange(read(id))), said);

const at = (epoch: bigint | null) => ({
  changes: maker.control,
  epoch: () => Promise.resolve(epoch),
});

test("a list waits for a token that names exactly it, in its epochs", async () => {
  const needed = await pushFault(at(7n), read(ANN), undefined);
  expect(needed?.code).toBe("CHANGE_TOKEN_NEEDED");
  expect(readChange(needed?.change ?? "")).toMatchObject({
    kind: "REVOCATION_SHARD",
    subject: `revocation/${shardOf(ANN).toString(16).padStart(2, "0")}`,
  });
  const within = { firstEpoch: 7n, lastEpoch: 8n };
  const codes: readonly (readonly [string, bigint | null, string | undefined])[] = [
    [tokenFor(ANN, within), 6n, "CHANGE_TOKEN_REFUSED"],
    [tokenFor(ANN, within), 7n, undefined],
    [tokenFor(ANN, within), 8n, undefined],
    [tokenFor(ANN, within), 9n, "CHANGE_TOKEN_REFUSED"],
    [tokenFor(ANN), null, "EPOCH_UNKNOWN"],
    [tokenFor(BEN), 7n, "CHANGE_TOKEN_REFUSED"],
    [
      tokenMaker().token(describeChange(DEPLOYMENT, revocationChange(read(ANN)))),
      7n,
      "CHANGE_TOKEN_REFUSED",
    ],
    ["not a token", 7n, "CHANGE_TOKEN_REFUSED"],
  ];
  for (const [token, epoch, code] of codes) {
    expect((await pushFault(at(epoch), read(ANN), token))?.code).toBe(code);
  }
});

test("without a key set none is needed, and with one that cannot be used none counts", async () => {
  const changes = (keys: "NOT_CONTROLLED" | "KEYS_UNUSABLE") => ({
    ...at(7n),
    changes: { keys: () => Promise.resolve(keys) },
  });
  expect(await pushFault(changes("NOT_CONTROLLED"), read(ANN), undefined)).toBeNull();
  expect(await pushFault(changes("KEYS_UNUSABLE"), read(ANN), tokenFor(ANN))).toMatchObject({
    code: "CHANGE_TOKEN_REFUSED",
  });
});

test("a copy keeps what it has while a list waits, and learns of nothing by one that is out of order", async () => {
  const copy = await openRevocationCopy({
    folder: folder.path,
    node: null,
    log: heardLog().log,
    now: () => 0,
  });
  const push = (id: string, token?: string) =>
    copy.receive(shardOf(id), signedText(list(id)), {
      ...ground,
      whyNotNow: (signed) => pushFault(at(7n), signed, token),
    });
  expect(await push(ANN)).toMatchObject({ faults: [{ code: "CHANGE_TOKEN_NEEDED" }] });
  expect([copy.revokesPrincipal("ann"), copy.size]).toEqual([false, 0]);
  expect(await push(ANN, tokenFor(ANN))).toMatchObject({ outcome: "APPLIED" });
  // The same token reaches each node once: what is held is known, and nothing is applied twice.
  expect(await push(ANN, tokenFor(ANN))).toMatchObject({ outcome: "KNOWN" });
  expect(await push(ANN)).toMatchObject({ outcome: "KNOWN" });
  expect(copy.revokesPrincipal("ann")).toBe(true);
});
