import os from "node:os";
import process from "node:process";
import { appendArtifacts, appendHistory } from "./bench/append.ts";
import { verifyChain, verifyFull } from "./bench/audit.ts";
import { coldStart } from "./bench/coldStart.ts";
import { evaluation, evaluationManifest, intake, reevaluation } from "./bench/evaluation.ts";
import { mutationHttp, registerPage } from "./bench/http.ts";
import { THROUGHPUT, THROUGHPUT_PEERS } from "./bench/throughput.ts";
import { type Figure, type Limit, type Result, conclude } from "./bench/measure.ts";

/** `npm run bench [-- NAME ...] [-- --json]`: every figure, or those named; exit code 1 when one misses its limit. */

const FIGURES: readonly Figure[] = [
  evaluation,
  evaluationManifest,
  reevaluation,
  intake,
  appendArtifacts,
  appendHistory,
  coldStart,
  mutationHttp,
  registerPage,
  verifyChain,
  verifyFull,
  ...THROUGHPUT,
  ...THROUGHPUT_PEERS,
];

function limitText(limit: Limit | null): string {
  if (limit === null) return "reported";
  return "atMost" in limit ? `at most ${limit.atMost}` : `at least ${limit.atLeast}`;
}

function tellPlainly(figure: Figure, result: Result): void {
  const verdict = result.limit === null ? "" : result.isMet ? ", met" : ", MISSED";
  const tail = result.ratioP99 === null ? "" : `, p99 ${result.ratioP99.toFixed(3)} times`;
  const lines = [
    `${result.figure}: ${result.ratio.toFixed(3)} times (${limitText(result.limit)}${verdict})${tail}, spread ${(result.spread * 100).toFixed(0)} % over ${result.rounds} rounds`,
    `  ${figure.what}: ${result.subjectMs.toFixed(3)} ms`,
    `  against ${result.peer}: ${result.peerMs.toFixed(3)} ms`,
    `  ${Object.entries(result.settings)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n\n`);
}

function tellAsJson(result: Result): void {
  const { limit, ...rest } = result;
  const versions = {
    node: process.versions.node,
    v8: process.versions.v8,
    openssl: process.versions.openssl,
    ...result.versions,
  };
  const machine = { cores: os.availableParallelism(), model: os.cpus()[0]?.model ?? "unknown" };
  process.stdout.write(`${JSON.stringify({ ...rest, ...limit, versions, machine })}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  const isJson = args.includes("--json");
  const names = args.filter((arg) => !arg.startsWith("--"));
  const unknown = names.filter((name) => FIGURES.every((figure) => figure.name !== name));
  if (unknown.length > 0) {
    process.stderr.write(
      `no figure ${unknown.join(", ")}: there are ${FIGURES.map((figure) => figure.name).join(", ")}\n`,
    );
    return 2;
  }
  let missed = 0;
  for (const figure of FIGURES) {
    if (names.length > 0 && !names.includes(figure.name)) continue;
    const result = conclude(figure, await figure.run());
    if (!result.isMet) missed += 1;
    if (isJson) tellAsJson(result);
    else tellPlainly(figure, result);
  }
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
