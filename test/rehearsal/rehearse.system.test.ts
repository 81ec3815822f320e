import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startMain, urlOf } from "../server/startMain.ts";
import {
  AMONG_OTHERS,
  WHOLE,
  expectWhole,
  leftIn,
  linesOf,
  ownFolder,
  rehearse,
  top,
} from "./rehearsing.ts";

/** A server of its own on an embedded database, and the principals file that it reads. */
async function serve(environment: Readonly<Record<string, string>>) {
  const data = path.join(await ownFolder(), "data");
  const main = startMain({ HOLDFAST_DATA: data, HOLDFAST_PORT: "0", ...environment });
  onTestFinished(async () => {
    main.signal("SIGTERM");
    await main.exited;
  });
  await main.says(/curl[\s\S]+__typename/);
  const principals = path.join(data, "principals.json");
  return { url: urlOf(main), principals, before: await readFile(principals, "utf8") };
}

test("the whole incident goes as expected on a server of its own, and leaves nothing behind", async () => {
  const rehearsal = await rehearse("--json");
  await expectWhole(rehearsal, WHOLE);
  expect(await leftIn(rehearsal.temporary)).toEqual([]);
});

test("a server that is given plays it as well, and knows none of the cast afterwards", async () => {
  const { url, principals, before } = await serve({ HOLDFAST_EPOCH_MS: "1500" });
  const rehearsal = await rehearse("--json", "--url", url, "--principals", principals);
  await expectWhole(rehearsal, AMONG_OTHERS);
  expect(await readFile(principals, "utf8")).toBe(before);
});

test("a server whose epochs are too long, or that reads another file, is refused with the remedy", async () => {
  const { url, principals, before } = await serve({});
  const slow = await rehearse("--url", url, "--principals", principals);
  slow.child.stdout?.resume();
  expect(await slow.ended).toEqual([1, null]);
  expect(slow.said()).toContain("lasts 60 s: for a rehearsal start it with HOLDFAST_EPOCH_MS=1500");
  expect(await readFile(principals, "utf8")).toBe(before);

  const other = path.join(await ownFolder(), "principals.json");
  await writeFile(other, '{ "principals": [] }');
  const stranger = await rehearse("--url", url, "--principals", other);
  stranger.child.stdout?.resume();
  expect(await stranger.ended).toEqual([1, null]);
  expect(stranger.said()).toContain("does not know whom the rehearsal added");
  expect(JSON.parse(await readFile(other, "utf8"))).toEqual({ principals: [] });
});

test("where no server answers, the address is named and nobody is left in the file", async () => {
  const file = path.join(await ownFolder(), "principals.json");
  await writeFile(file, '{ "principals": [] }');
  const nowhere = "http://127.0.0.1:1";
  const { child, said, ended } = await rehearse("--url", nowhere, "--principals", file);
  child.stdout?.resume();
  expect(await ended).toEqual([1, null]);
  expect(said()).toContain(`the server at ${nowhere} does not answer`);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ principals: [] });
});

test("an interruption closes everything", async () => {
  const { child, temporary, ended } = await rehearse("--json");
  for await (const { line } of linesOf(child)) {
    if (line === "revision") child.kill("SIGINT");
  }
  expect(await ended).toEqual([130, null]);
  expect(await leftIn(temporary)).toEqual([]);
});

test("data that is already there is never played over", async () => {
  const { child, said, ended } = await rehearse("--json", "--data", path.join(top, "test"));
  child.stdout?.resume();
  expect(await ended).toEqual([1, null]);
  expect(said()).toContain("holds something already");
});
