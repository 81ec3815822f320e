import { readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stopAfterUs } from "../database/stopAfterUs.ts";
import { ownFolder } from "../identity/passports.ts";
import { type MainProcess, startMain, tokenOf, urlOf } from "../server/startMain.ts";
import { type Block, blocksOf, runBlocks } from "./blocks.ts";

const root = path.resolve(import.meta.dirname, "..", "..");
const folder = ownFolder();
let main: MainProcess | undefined;

/** How the tutorial starts its server: here on a free port, without installing anything. */
const START = "npm ci\nHOLDFAST_EPOCH_MS=2000 HOLDFAST_TICK_GAP_MAX_MS=600000 npm start\n";

beforeAll(() => stopAfterUs(path.join(folder.path, "data", "database")));
afterAll(async () => {
  main?.signal("SIGTERM");
  await main?.exited;
});

/** The sections of the README that go on with the tutorial's packet. */
function examplesOf(readme: string): string {
  return readme.slice(readme.indexOf("\n## Ask it\n"), readme.indexOf("\n## How to read a hold\n"));
}

const text = (...name: string[]) => readFile(path.join(root, ...name), "utf8");

test("the tutorial and the README do what they say, word for word", async () => {
  const environment = {
    HOLDFAST_DATA: path.join(folder.path, "data"),
    HOLDFAST_PORT: "0",
    HOLDFAST_EPOCH_MS: "2000",
    HOLDFAST_TICK_GAP_MAX_MS: "600000",
  };
  const running = startMain(environment);
  main = running;
  await running.says(/curl[\s\S]+__typename/);
  const [start, ...tutorial] = blocksOf(await text("src", "docs", "tutorial.md"));
  const examples = blocksOf(examplesOf(await text("README.md")));
  expect(examples).toHaveLength(6);
  const blocks = [...tutorial, ...examples];
  expect(start?.commands).toBe(START);
  const here = (block: Block): Block => ({
    ...block,
    commands: block.commands
      .replace("http://127.0.0.1:4000", urlOf(running))
      .replace("paste-the-token-here", tokenOf(running)),
  });
  const env = { ...process.env, ...environment };
  const printed = await runBlocks(blocks.map(here), { cwd: root, env });
  expect(printed.map((output) => output.trimEnd())).toEqual(
    blocks.map(({ output }) => (output ?? "").trimEnd()),
  );
  expect(blocks.filter(({ output }) => output !== null).length).toBeGreaterThan(8);
});
