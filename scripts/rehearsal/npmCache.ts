import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

/** The folder of npm's content cache on this machine; null when npm cannot say. */
export async function npmContentCache(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const folder = environment["npm_config_cache"] ?? (await askNpm());
  return folder === null || folder === "" ? null : path.join(folder, "_cacache");
}

async function askNpm(): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)("npm", ["config", "get", "cache"]);
    return stdout.trim();
  } catch {
    return null;
  }
}
