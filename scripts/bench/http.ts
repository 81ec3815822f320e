import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { v7 as newId } from "uuid";
import type { Ledger } from "#ledger/ledger.ts";
import { Asking } from "./asking.ts";
import { build, startBuilt, tokenOf, writePrincipals } from "./built.ts";
import { type Figure, interleave } from "./measure.ts";
import { appendDrift, openPacket, openUnreported, withLedger, withPostgres } from "./store.ts";
import { PEOPLE, SHIFTS } from "./train.ts";

const ARTIFACTS = 10;

/** What HTTP and GraphQL add to an append. */
export const mutationHttp: Figure = {
  name: "mutation-http",
  what: "one readinessRecord with one entry over HTTP, on a connection that stays open",
  peer: "the same append at the store",
  limit: null,
  run: () =>
    withServer(async ({ ledger, url, postgres }) => {
      const [far, near] = [
        await openPacket(ledger, ARTIFACTS, "train-far"),
        await openPacket(ledger, ARTIFACTS, "train-near"),
      ];
      const asking = new Asking(url, tokenOf("probe"));
      const times = await interleave(
        { warmUp: 50, counted: 400 },
        () => recordDrift(asking, far),
        () => appendDrift(ledger, near),
      );
      asking.close();
      return { ...times, settings: { postgres, callers: 1, artifacts: ARTIFACTS } };
    }),
};

const RECORD = `mutation ($input: ReadinessRecordInput!) { readinessRecord(input: $input) {
  ... on ReadinessRecordPayload { revision { number status } } ... on Error { code message } } }`;

let reports = 1;

async function recordDrift(asking: Asking, packet: string): Promise<void> {
  reports += 1;
  const person = PEOPLE[reports % PEOPLE.length];
  const shift = SHIFTS[reports % SHIFTS.length];
  const entries = [{ availability: { person, shift, status: "COMMITTED" } }];
  const input = { idempotencyKey: newId(), packet, reportNumber: String(reports), entries };
  await asking.ask(RECORD, { input });
}

const HOLDS_MIN = 10_000;
const PAGE = 100;

const REGISTER = `query ($packet: UUID!, $after: String) { packet(packet: $packet) {
  holds(status: OPEN, first: ${PAGE}, after: $after) { totalCount pageInfo { endCursor hasNextPage }
    nodes { code subject prerequisite ordinal status why evidence sinceRevision sinceEpoch
      endedRevision endedEpoch clearedBy remedy } } } }`;

interface RegisterPage {
  readonly packet: {
    readonly holds: {
      readonly totalCount: number;
      readonly pageInfo: { readonly endCursor: string };
    };
  };
}

/** What a page of a large register costs above moving its bytes. */
export const registerPage: Figure = {
  name: "register-page",
  what: `a page of ${PAGE} holds with all their fields, of a packet of 10,000 artifacts, over HTTP`,
  peer: "a bare node:http server that answers the same bytes",
  limit: null,
  run: () =>
    withServer(async ({ ledger, url, postgres }) => {
      const packet = await openUnreported(ledger, 10_000, "train-large");
      const asking = new Asking(url, tokenOf("rita"));
      const first = await asking.ask<RegisterPage>(REGISTER, { packet });
      const { totalCount: openHolds, pageInfo } = first.packet.holds;
      if (openHolds < HOLDS_MIN) throw new Error(`only ${openHolds} holds are open`);
      const after = pageInfo.endCursor;
      const body = JSON.stringify({ query: REGISTER, variables: { packet, after } });
      const answer = await asking.post(body);
      const bare = await startBare(answer);
      const plainly = new Asking(bare.url, "nobody's");
      const times = await interleave(
        { warmUp: 100, counted: 400 },
        () => asking.post(body),
        () => plainly.post(body),
      );
      asking.close();
      plainly.close();
      await bare.stop();
      const settings = { postgres, callers: 1, openHolds, bytes: Buffer.byteLength(answer) };
      return { ...times, settings };
    }),
};

interface Setting {
  readonly ledger: Ledger;
  readonly url: string;
  readonly postgres: string;
}

/** The built server and a ledger of ours on one Postgres. */
export async function withServer<T>(use: (setting: Setting) => Promise<T>): Promise<T> {
  await build();
  const directory = await mkdtemp(path.join(tmpdir(), "holdfast-bench-"));
  try {
    const principals = path.join(directory, "principals.json");
    await writePrincipals(principals);
    return await withPostgres((postgres) =>
      withLedger(postgres, async (ledger) => {
        const server = await startBuilt(postgres, principals);
        try {
          return await use({ ledger, url: server.url, postgres: postgres.version });
        } finally {
          await server.stop();
        }
      }),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function startBare(body: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const script = path.join(import.meta.dirname, "bareProcess.ts");
  const child = spawn(process.execPath, ["--import=tsx/esm", script], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  child.stdin.end(body);
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  return {
    url: `http://127.0.0.1:${port.toString().trim()}`,
    async stop() {
      child.kill();
      await exited;
    },
  };
}
