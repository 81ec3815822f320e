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
import { type Report, runSmallProcess } from "./smallProcess.ts";

/** Faults whose message says all there is to do. */
const TOLD_IN_A_SENTENCE = [
  CannotListenThere,
  DirectoryHeld,
  DirectoryUnusable,
  KeyUnusable,
  WitnessConfigFaulty,
];

const SEED_BYTES = 32;
const MS_PER_SECOND = 1_000;

await runSmallProcess({
  who: "The witness",
  toldInASentence: TOLD_IN_A_SENTENCE,
  serve: (asked, report) => serve(readWitnessConfig(process.env), asked, report),
});

/** Witnesses until a signal. */
async function serve(config: WitnessConfig, asked: Promise<void>, report: Report): Promise<void> {
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
      report,
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
}
