import { randomBytes, randomUUID } from "node:crypto";
import { DirectoryHeld, DirectoryUnusable } from "#outpost/directoryHold.ts";
import { CannotListenThere } from "#outpost/smallDoor.ts";
import { HistoryBroken } from "#pace/history.ts";
import { openPace } from "#pace/openPace.ts";
import { type PaceConfig, PaceConfigFaulty, readPaceConfig } from "#pace/paceConfig.ts";
import { openPaceDoor } from "#pace/paceDoor.ts";
import { PaceSignersUnusable } from "#pace/signers.ts";
import { PaceKeyUnusable } from "#pace/tokenKey.ts";
import { type Report, runSmallProcess } from "./smallProcess.ts";

/** Faults whose message says all there is to do. */
const TOLD_IN_A_SENTENCE = [
  CannotListenThere,
  DirectoryHeld,
  DirectoryUnusable,
  HistoryBroken,
  PaceConfigFaulty,
  PaceKeyUnusable,
  PaceSignersUnusable,
];

const SEED_BYTES = 32;

await runSmallProcess({
  who: "The change-rate service",
  toldInASentence: TOLD_IN_A_SENTENCE,
  serve: (asked, report) => serve(readPaceConfig(process.env), asked, report),
});

/** Decides how fast until a signal. */
async function serve(config: PaceConfig, asked: Promise<void>, report: Report): Promise<void> {
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
      report,
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
}
