import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { NoBinaries } from "./embeddedFaults.ts";

/** An operating-system account that the server's processes run as. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/**
 * Postgres refuses to run as root. Started by root it runs as the owner of the cluster, or of
 * the directory where there is none yet; where that is root too, as `nobody`. Started by
 * anyone else it runs as they do (undefined).
 */
export async function serverAccount(
  directory: string,
  cluster: string,
): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid } = await stat(cluster).catch(() => stat(directory));
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").map(parseAccount);
  const owner = accounts.find((account) => account?.uid === uid && uid !== 0);
  const chosen = owner ?? accounts.find((account) => account?.name === "nobody");
  if (chosen === undefined) throw new NoBinaries("root has no account `nobody` to run it as");
  return chosen;
}

function parseAccount(line: string): Account | undefined {
  const [name, , uid, gid] = line.split(":");
  if (name === undefined || uid === undefined || gid === undefined) return undefined;
  return { name, uid: Number(uid), gid: Number(gid) };
}

/** The first folder on the way to `target`, itself included, that the account may not enter. */
export async function blockedAt(account: Account, target: string): Promise<string | undefined> {
  const { root } = path.parse(target);
  let folder = root;
  for (const part of ["", ...target.slice(root.length).split(path.sep)]) {
    folder = path.join(folder, part);
    const { uid, gid, mode } = await stat(folder);
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return folder;
  }
  return undefined;
}
