import { once } from "node:events";
import { createInterface } from "node:readline";
import { DirectoryHeld } from "#database/embeddedFaults.ts";
import { openEmbedded } from "#database/embedded.ts";
import type { Answer } from "./otherNode.ts";

// A process of its own that tries to open the directory it is given, once at its start and once
// more for each line of its input, tells how that went, and ends when its input does.
const [directory = ""] = process.argv.slice(2);

let database = await attempt();
const lines = createInterface(process.stdin);
let attempts = Promise.resolve();
lines.on("line", () => {
  attempts = attempts.then(tryAgain);
});
await once(lines, "close");
await attempts;
await database?.close();

async function tryAgain(): Promise<void> {
  database ??= await attempt();
}

async function attempt() {
  try {
    const opened = await openEmbedded({
      directory,
      applicationName: "holdfast other node",
      log: () => undefined,
    });
    tell({ opened: true, url: opened.url });
    return opened;
  } catch (fault) {
    if (!(fault instanceof DirectoryHeld)) throw fault;
    tell({ opened: false, message: fault.message, holder: fault.holder });
    return undefined;
  }
}

function tell(answer: Answer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
