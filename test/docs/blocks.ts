import { spawn } from "node:child_process";

/** One shell block of a document, and what stands below it as its output; null where nothing does. */
export interface Block {
  readonly commands: string;
  readonly output: string | null;
}

const FENCED = /^```(\w+)\n([\s\S]*?)^```$/gm;

/** The shell blocks of a document in order. A `json` or `text` block is the output of the one before. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  for (const [, language, text = ""] of markdown.matchAll(FENCED)) {
    if (language === "sh") blocks.push({ commands: text, output: null });
    const last = blocks.at(-1);
    if (language === "sh" || last === undefined) continue;
    blocks[blocks.length - 1] = { ...last, output: text };
  }
  return blocks;
}

const END = "--- end of block ---";

/** Runs blocks one after another in one shell, and gives what each of them printed. */
export async function runBlocks(
  blocks: readonly Block[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<string[]> {
  const script = blocks.map(({ commands }) => `${commands}\necho '${END}'\n`).join("");
  const shell = spawn("bash", ["-s"], { ...options, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  shell.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    shell.once("error", reject);
    shell.once("close", () => resolve());
  });
  shell.stdin.end(script);
  await ended;
  return printed.split(`${END}\n`).slice(0, -1);
}
