import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { NotDone, runCommand } from "./commandLine.ts";
import { askServer } from "./serverClient.ts";

const HELP = `Writes the recovery design document from a server's live state, as Markdown.

  npm run --silent recovery-design -- --url URL               prints it
  npm run recovery-design -- --url URL --out FILE             writes it to FILE, and says its digest

  --url       the server; HOLDFAST_AUTHORIZATION has the Authorization header to come with:
              "Bearer TOKEN", or what npm run sign-in prints
  --exercise  the document of exercises instead of that of what is real
  --out       where to write it

Exit code: 0 if it was done, 1 if it was refused or could not be done, 2 for a wrong command line.
`;

const OPTIONS = {
  help: { type: "boolean", short: "h", default: false },
  url: { type: "string" },
  exercise: { type: "boolean", default: false },
  out: { type: "string" },
} as const;

const DESIGN = `query Design($exercise: Boolean!) {
  recoveryDesign(exercise: $exercise) { markdown digest }
}`;

const Answer = z.object({
  recoveryDesign: z.object({ markdown: z.string(), digest: z.string() }),
});

process.exitCode = await runCommand("recovery-design", done);

async function done(args: readonly string[]): Promise<string> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { help, url, exercise, out } = values;
  if (help) return HELP;
  const read = Answer.safeParse(await askServer({ url }, DESIGN, { exercise }));
  if (!read.success) throw new NotDone("the server does not show it to you");
  const { markdown, digest } = read.data.recoveryDesign;
  if (createHash("sha256").update(markdown).digest("hex") !== digest) {
    throw new NotDone("what came is not what its digest says: ask again");
  }
  if (out === undefined) return markdown;
  await writeFile(out, markdown);
  return `${out} is written; its SHA-256 is ${digest}\n`;
}
