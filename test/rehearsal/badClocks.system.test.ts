import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { DebianServer } from "../database/debianServer.ts";
import { type MainProcess, startMain, urlOf } from "../server/startMain.ts";
import { bearer, passport, textOf } from "../identity/passports.ts";
import { BadClock } from "./badClock.ts";
import { ALONE, type Line, expectWhole, ownFolder, rehearse, WHOLE } from "./rehearsing.ts";

const HOUR = 3_600;

/** Who looks at the packet. */
const AUDITOR = passport("auditor", ["AUDITOR"]);

/** What the clocks of the nodes do from one line of the rehearsal to the next, in seconds. */
const JUMPS = [HOUR, -HOUR, 1, -1, -HOUR, HOUR, -1, 1];

/** The whole of what a rehearsal makes and is told, without what is of one performance alone. */
function resultOf(lines: readonly Line[]): string[] {
  return lines
    .filter(({ line }) => line === "revision" || line === "gate")
    .map(({ line, cause, status, standing, reasons, opened, cleared, outOfScope }) =>
      JSON.stringify([line, cause, status, standing, reasons, opened, cleared, outOfScope])
        // A performance on a given server marks its names.
        .replaceAll(/\b(alder|birch|cedar|relief\.remy)\.[0-9a-f]{8}\b/g, "$1"),
    );
}

/** The stages at which the database's clock jumps ahead by a second, which the epoch bears. */
const SECOND_AHEAD = [4, 12, 19];

interface Deployment {
  readonly urls: readonly [string, string];
  readonly principals: string;
  readonly clocks: readonly [BadClock, BadClock];
  /** That of the database, by which the epoch is stepped. */
  readonly own: BadClock;
}

/** Two nodes and their database, each with a clock of its own. */
async function deploy(): Promise<Deployment> {
  const folder = await ownFolder();
  const own = await BadClock.make(folder, "database");
  const clocks = [
    await BadClock.make(folder, "one"),
    await BadClock.make(folder, "other"),
  ] as const;
  const server = await DebianServer.start(undefined, own.sharedEnvironment);
  onTestFinished(() => server.remove());
  const principals = path.join(folder, "principals.json");
  await writeFile(principals, textOf(AUDITOR));
  const nodes: MainProcess[] = [];
  for (const clock of clocks) {
    const main = startMain({
      ...clock.environment,
      DATABASE_URL: server.url,
      HOLDFAST_CONNECTIONS_MAX: "6",
      HOLDFAST_DATA: path.join(folder, "data"),
      HOLDFAST_EPOCH_MS: "2500",
      HOLDFAST_PORT: "0",
      HOLDFAST_PRINCIPALS: principals,
      HOLDFAST_TICK_GAP_MAX_MS: "60000",
    });
    onTestFinished(async () => {
      main.signal("SIGTERM");
      await main.exited;
    });
    await main.says("principals");
    nodes.push(main);
  }
  const [one = "", other = ""] = nodes.map(urlOf);
  return { urls: [one, other], principals, clocks, own };
}

/** Sets the clocks after each line that the rehearsal tells. */
function misleading({ clocks, own }: Deployment): (line: Line) => void {
  const [one, other] = clocks;
  let heard = 0;
  let isFrozen = false;
  return ({ line, stage, title, epochs }) => {
    one.jump(JUMPS[heard % JUMPS.length] ?? 0);
    // The other one runs backwards, faster than time goes on.
    other.jump(-30);
    heard += 1;
    if (line === "stage" && SECOND_AHEAD.includes(Number(stage))) own.jump(1);
    // While the epoch is frozen, the clock by which it is stepped is an hour behind, and mended.
    if (line === "revision" && isFrozen) own.jump(-HOUR);
    if (line === "revision") isFrozen = false;
    if (line === "still" && epochs === 2) own.jump(HOUR);
    if (line === "stage") isFrozen = String(title).startsWith("The epoch is frozen");
  };
}

const Told = z.object({
  data: z.object({
    deployment: z.object({ epoch: z.string() }),
    packets: z.object({
      nodes: z.array(
        z.object({
          gate: z.object({ status: z.string(), reasons: z.array(z.string()) }),
          openHoldsByCode: z.array(z.object({ code: z.string() })),
        }),
      ),
    }),
  }),
});

async function lookAt(url: string) {
  const query = `{ deployment { epoch } packets(first: 5) { nodes {
    gate { status reasons } openHoldsByCode { code } } } }`;
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { authorization: bearer(AUDITOR), "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { data } = Told.parse(await response.json());
  const [packet] = data.packets.nodes;
  if (packet === undefined) throw new Error("there is no packet");
  return { epoch: BigInt(data.deployment.epoch), ...packet };
}

/** What a node takes the time to be, in seconds beside ours. */
async function aheadSeconds(url: string): Promise<number> {
  const { headers } = await fetch(`${url}/live`);
  return (Date.parse(headers.get("date") ?? "") - Date.now()) / 1_000;
}

let result: readonly string[] = [];
afterAll(() => {
  result = [];
});

test("the rehearsal with good clocks, to compare with", async () => {
  result = resultOf(await expectWhole(await rehearse("--json"), WHOLE));
  expect(result.length).toBeGreaterThan(WHOLE.revisions);
});

test("F13: clocks that jump by an hour or a second, run backwards and disagree: the same result, and a clock that is set back later holds", async () => {
  const deployment = await deploy();
  const [url, otherUrl] = deployment.urls;
  const given = ["--url", url, "--other-url", otherUrl, "--principals", deployment.principals];
  const rehearsal = await rehearse("--json", "--alone", ...given);
  const lines = await expectWhole(rehearsal, ALONE, misleading(deployment));
  expect(resultOf(lines)).toEqual(result);

  // The clocks were really wrong: the other node is behind by half a minute for each line.
  expect(await aheadSeconds(otherUrl)).toBeLessThan(-20 * lines.length);
  expect(await aheadSeconds(url)).toBeGreaterThan(-2 * HOUR);

  const before = await lookAt(url);
  expect(before.gate).toEqual({ status: "OPEN", reasons: [] });
  deployment.own.jump(-HOUR);
  let after = await lookAt(otherUrl);
  const epochs = [before.epoch, after.epoch];
  while (after.openHoldsByCode.length === 0) {
    after = await lookAt(otherUrl);
    epochs.push(after.epoch);
  }
  expect(after.openHoldsByCode).toEqual([{ code: "TIME_MAPPING_STALE" }]);
  expect(after.gate.status).toBe("CLOSED");
  expect(after.gate.reasons).toEqual(expect.arrayContaining(["HOLDS_OPEN", "APPROVAL_LAPSED"]));
  expect(epochs.every((epoch, at) => at === 0 || epoch >= (epochs[at - 1] ?? 0n))).toBe(true);
});
