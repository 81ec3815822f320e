import os from "node:os";
import process from "node:process";
import { APPEND } from "./bench/append.ts";
import { VERIFY } from "./bench/audit.ts";
import { AUTHORIZATION } from "./bench/authorization.ts";
import { bundled } from "./bench/bundled.ts";
import { coldStart } from "./bench/coldStart.ts";
import { evaluation, evaluationManifest, intake, reevaluation } from "./bench/evaluation.ts";
import { mutationHttp, registerPage } from "./bench/http.ts";
import { REVOCATION } from "./bench/revocation.ts";
import { documentThrash } from "./bench/thrash.ts";
import { THROUGHPUT } from "./bench/throughput.ts";
import { LIVE } from "./bench/live.ts";
import { type LiveFigure, type LiveResult, concludeLive } from "./bench/live/figure.ts";
import { type Figure, type Limit, type Result, conclude } from "./bench/measure.ts";

/** `npm run bench [-- NAME ...] [-- --json]`: every figure, or those named; exit code 1 when one misses its limit. */

const FIGURES: readonly Figure[] = [
  evaluation,
  evaluationManifest,
  reevaluation,
  intake,
  ...APPEND.map(bundled),
  coldStart,
  mutationHttp,
  registerPage,
  documentThrash,
  ...AUTHORIZATION.map(bundled),
  ...VERIFY.map(bundled),
  ...THROUGHPUT.map(bundled),
  ...REVOCATION,
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
    `  ${settingsText(result.settings)}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n\n`);
}

function tellLivePlainly({ what }: LiveFigure, result: LiveResult): void {
  const { figure, quantity, ratio, limit, isMet, spread, rounds, unit } = result;
  const verdict = limit === null ? "" : isMet ? ", met" : ", MISSED";
  const lines = [
    `${figure}, ${quantity}: ${ratio.toFixed(3)} times (${limitText(limit)}${verdict}), spread ${(spread * 100).toFixed(0)} % over ${rounds} rounds`,
    `  ${what}: ${result.ours.toFixed(3)} ${unit}`,
    `  ${result.peer}: ${result.theirs.toFixed(3)} ${unit}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Runs a benchmark of live delivery and resolves to how much of it is not as it should be. */
async function runLive(figure: LiveFigure, isJson: boolean): Promise<number> {
  const run = await figure.run();
  const { name, what } = figure;
  if (run.faults.length > 0) {
    const { faults } = run;
    const told = isJson
      ? JSON.stringify({ figure: name, isValid: false, faults })
      : `${name}: INVALID, as not every event came once and in order\n  ${what}\n  ${faults.join("\n  ")}\n`;
    process.stdout.write(`${told}\n`);
    return 1;
  }
  const results = concludeLive(figure, run);
  for (const result of results) {
    if (isJson) tellAsJson(result);
    else tellLivePlainly(figure, result);
  }
  if (!isJson) process.stdout.write(`  ${settingsText(run.settings)}\n\n`);
  return results.filter(({ isMet }) => !isMet).length;
}

function settingsText(settings: Result["settings"]): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function tellAsJson(result: Result | LiveResult): void {
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
  const known = [...FIGURES, ...LIVE].map((figure) => figure.name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`no figure ${unknown.join(", ")}: there are ${known.join(", ")}\n`);
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
  for (const figure of LIVE) {
    if (names.length > 0 && !names.includes(figure.name)) continue;
    missed += await runLive(figure, isJson);
  }
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
