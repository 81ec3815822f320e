import { randomBytes, randomUUID } from "node:crypto";
import { DirectoryHeld, DirectoryUnusable } from "#outpost/directoryHold.ts";
import { CannotListenThere } from "#outpost/smallDoor.ts";
import { HistoryBroken } from "#pace/history.ts";
import { openPace } from "#pace/openPace.ts";
import { type PaceConfig, PaceConfigFaulty, readPaceConfig } from "#pace/paceConfig.ts";
import { openPaceDoor } from "#pace/paceDoor.ts";
import { PaceSignersUnusable } from "#pace/signers.ts";
import { PaceKeyUnusable } from "#pace/tokenKey.ts";

/** Faults whose message says all there is to do; of any other the whole is told. */
const TOLD_IN_A_SENTENCE = [
  CannotListenThere,
  DirectoryHeld,
  DirectoryUnusable,
  HistoryBroken,
  PaceConfigFaulty,
  PaceKeyUnusable,
  PaceSignersUnusable,
];

/** How long the process may outlive its last close before it is ended by force. */
const LINGER_MS = 2_000;

const SEED_BYTES = 32;

process.exitCode = await main();
// Fires only where something that nobody closed would keep the process alive.
setTimeout(() => process.exit(), LINGER_MS).unref();

/** Decides how fast until a signal, and resolves to the exit code. */
async function main(): Promise<number> {
  const asked = signalled();
  try {
    await serve(readPaceConfig(process.env), asked);
    return 0;
  } catch (fault) {
    process.stderr.write(`The change-rate service did not start:\n${toldOf(fault)}\n`);
    return 1;
  }
}

async function serve(config: PaceConfig, asked: Promise<void>): Promise<void> {
  const { directory, signers, host, port } = config;
  const opened = await openPace({
    directory,
    signers,
    random: () => randomBytes(SEED_BYTES),
    newId: () => randomUUID(),
    now: () => new Date().toISOString(),
  });
  const { pace } = opened;
  try {
    const door = await openPaceDoor({
      host,
      port,
      pace,
      report: (fault) => process.stderr.write(`${toldOf(fault)}\n`),
    });
    const inForce = pace.policy?.policy.number;
    process.stdout.write(
      [
        "The change-rate service decides.",
        "",
        `  address  ${door.url}`,
        `  key      ${pace.keySet.keys.map(({ kid }) => kid).join(", ")}`,
        `  policy   ${inForce ?? "none yet: nothing is allowed"}`,
        `  signers  ${signers}`,
        `  data     ${directory}`,
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
    // Whoever stops reading what is said does not stop the service.
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
