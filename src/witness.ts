import { randomBytes } from "node:crypto";
import { DirectoryHeld, DirectoryUnusable } from "#outpost/directoryHold.ts";
import { CannotListenThere } from "#outpost/smallDoor.ts";
import { KeyUnusable } from "#witness/keyFile.ts";
import { openWitness } from "#witness/openWitness.ts";
import {
  readWitnessConfig,
  type WitnessConfig,
  WitnessConfigFaulty,
} from "#witness/witnessConfig.ts";
import { openWitnessDoor } from "#witness/witnessDoor.ts";

/** Faults whose message says all there is to do; of any other the whole is told. */
const TOLD_IN_A_SENTENCE = [
  CannotListenThere,
  DirectoryHeld,
  DirectoryUnusable,
  KeyUnusable,
  WitnessConfigFaulty,
];

/** How long the process may outlive its last close before it is ended by force. */
const LINGER_MS = 2_000;

const SEED_BYTES = 32;
const MS_PER_SECOND = 1_000;

process.exitCode = await main();
// Fires only where something that nobody closed would keep the process alive.
setTimeout(() => process.exit(), LINGER_MS).unref();

/** Witnesses until a signal, and resolves to the exit code. */
async function main(): Promise<number> {
  const asked = signalled();
  try {
    await serve(readWitnessConfig(process.env), asked);
    return 0;
  } catch (fault) {
    process.stderr.write(`The witness did not start:\n${toldOf(fault)}\n`);
    return 1;
  }
}

async function serve(config: WitnessConfig, asked: Promise<void>): Promise<void> {
  const { directory, name, logs, host, port } = config;
  const opened = await openWitness({
    directory,
    name,
    logs,
    nowSeconds: () => BigInt(Math.floor(Date.now() / MS_PER_SECOND)),
    random: () => randomBytes(SEED_BYTES),
  });
  try {
    const door = await openWitnessDoor({
      host,
      port,
      witness: opened.witness,
      origins: [...logs.keys()],
      report: (fault) => process.stderr.write(`${toldOf(fault)}\n`),
    });
    process.stdout.write(
      [
        "The witness cosigns.",
        "",
        `  address  ${door.url}`,
        `  key      ${opened.verifierKey}`,
        `  data     ${directory}`,
        ...[...logs.keys()].map((origin) => `  log      ${origin}`),
        "",
        "",
      ].join("\n"),
    );
    await asked;
    await door.close();
  } finally {
    await opened.close();
  }
  process.stdout.write("closed\n");
}

/** Resolves at the first signal; npm passes on a Ctrl-C once more, and the end takes a second at most. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve());
    // Whoever stops reading what is said does not stop the witness.
    process.stdout.on("error", () => undefined);
    process.stderr.on("error", () => undefined);
  });
}

function toldOf(fault: unknown): string {
  if (!(fault instanceof Error)) return "no Error was thrown";
  if (TOLD_IN_A_SENTENCE.some((kind) => fault instanceof kind)) return fault.message;
  const cause = fault.cause instanceof Error ? `\n  because: ${fault.cause.message}` : "";
  return `${fault.stack ?? fault.message}${cause}`;
}
