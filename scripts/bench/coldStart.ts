import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { v7 as newId } from "uuid";
import { Asking } from "./asking.ts";
import {
  build,
  type BuiltServer,
  dependenciesAtStart,
  startBuilt,
  tokenOf,
  writePrincipals,
} from "./built.ts";
import type { Figure } from "./measure.ts";
import { withPostgres } from "./store.ts";
import { contentsOf } from "./train.ts";

const WARM_UP = 2;
const COUNTED = 15;

/** How long a server takes from nothing to its first durable change. */
export const coldStart: Figure = {
  name: "cold-start",
  what: "the built server from spawn to its first accepted mutation, on a migrated Postgres that runs",
  peer: "a bare Node from spawn to having imported the same dependencies",
  limit: { atMost: 1.5 },
  async run() {
    await build();
    const dependencies = await dependenciesAtStart();
    const directory = await mkdtemp(path.join(tmpdir(), "holdfast-bench-"));
    try {
      const principals = path.join(directory, "principals.json");
      await writePrincipals(principals);
      return await withPostgres(async (postgres) => {
        const times = { subject: [] as number[], peer: [] as number[] };
        for (let round = -WARM_UP; round < COUNTED; round += 1) {
          const subjectMs = await startAndPropose(() => startBuilt(postgres, principals));
          const peerMs = await importBarely(dependencies);
          if (round < 0) continue;
          times.subject.push(subjectMs);
          times.peer.push(peerMs);
        }
        const packages = dependencies.filter((name) => !name.startsWith("node:"));
        const settings = { postgres: postgres.version, mutation: "lanePropose" };
        return { ...times, settings: { ...settings, dependencies: packages.toSorted().join(" ") } };
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};

const PROPOSE = `mutation ($input: LaneProposeInput!) { lanePropose(input: $input) {
  ... on LaneProposePayload { proposal } ... on Error { code message } } }`;

async function startAndPropose(start: () => Promise<BuiltServer>): Promise<number> {
  const { owner, authorities } = contentsOf(0).APPROVAL_LANE;
  const key = newId();
  const input = { idempotencyKey: key, train: `train-${key}`, exercise: false };
  const began = performance.now();
  const server = await start();
  const asking = new Asking(server.url, tokenOf("rex"));
  await asking.ask(PROPOSE, { input: { ...input, lane: { owner, authorities } } });
  const tookMs = performance.now() - began;
  asking.close();
  await server.stop();
  return tookMs;
}

async function importBarely(dependencies: readonly string[]): Promise<number> {
  const imports = dependencies.map((name) => `import(${JSON.stringify(name)})`);
  const code = `await Promise.all([${imports.join(", ")}]); process.stdout.write("imported");`;
  const began = performance.now();
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  const tookMs = performance.now() - began;
  await exited;
  return tookMs;
}
