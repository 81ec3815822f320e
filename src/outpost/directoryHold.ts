import { link, readdir, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { hostname } from "node:os";
import path from "node:path";

/** A process's claim on a directory. */
export interface DirectoryHold {
  release(): Promise<void>;
}

/** Who claims a directory: such as "witness", and the variable that names its directory. */
export interface Claimant {
  readonly who: string;
  readonly variable: string;
}

/** Another process has the directory. */
export class DirectoryHeld extends Error {
  override readonly name = "DirectoryHeld";

  constructor(directory: string, holder: string, { who, variable }: Claimant) {
    super(
      `${directory} is held by another ${who} (${holder}): stop it, or set ${variable} to another directory`,
    );
  }
}

/** The directory cannot be claimed, for its path or its kind of file system. */
export class DirectoryUnusable extends Error {
  override readonly name = "DirectoryUnusable";
}

const CLAIM = /^claim\.([1-9][0-9]{0,14})$/;
const UNCLAIMED = ".socket";
const TRIES_MAX = 20;
const ANSWER_MS = 2_000;
const ANSWER_LENGTH_MAX = 200;

/** What the kernel takes for the path of a socket, on the systems with the least (macOS). */
const SOCKET_PATH_BYTES_MAX = 103;

/**
 * Claims a directory for this process until it ends, however it ends. The claim is a listening
 * socket: only a living process answers there, also one in another container over the same disk,
 * and the kernel frees it after a crash. `nonce` is some hexadecimal digits that no other process
 * has.
 *
 * Claims are numbered, and the highest is the one that counts. A dead one is overtaken by
 * creating the next number, which the file system lets one process do; the highest is never removed,
 * so that no two processes can see different ones as free.
 *
 * @throws {DirectoryHeld} if a living process has the directory.
 * @throws {DirectoryUnusable} if no socket can be made in it.
 */
export async function holdDirectory(
  directory: string,
  nonce: string,
  claimant: Claimant,
): Promise<DirectoryHold> {
  const socket = path.join(directory, `${nonce}${UNCLAIMED}`);
  if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX)
    throw new DirectoryUnusable(
      `${directory} is too long a path for the ${claimant.who}'s socket: at most ${SOCKET_PATH_BYTES_MAX} bytes with the socket's name, ${path.basename(socket)}`,
    );
  const server = await listen(socket, directory);
  try {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      if (await claim(directory, socket, claimant)) return { release: () => close(server) };
    }
  } catch (fault) {
    await close(server);
    throw fault;
  }
  await close(server);
  throw new DirectoryHeld(directory, "several start at once", claimant);
}

/** Whether the claim was made; false if others moved meanwhile. */
async function claim(directory: string, socket: string, claimant: Claimant): Promise<boolean> {
  const highest = Math.max(0, ...(await claims(directory)));
  if (highest > 0) {
    const holder = await holderOf(path.join(directory, nameOf(highest)));
    if (holder !== null) throw new DirectoryHeld(directory, holder, claimant);
  }
  const own = highest + 1;
  if (!(await isLinked(socket, path.join(directory, nameOf(own))))) return false;
  const present = await claims(directory);
  // Somebody was further: of the numbers below the highest, a removed one can be made again.
  if (present.some((other) => other > own)) {
    await rm(path.join(directory, nameOf(own)), { force: true });
    return false;
  }
  await rm(socket, { force: true });
  const overtaken = present.filter((other) => other < own).map(nameOf);
  const leftovers = (await readdir(directory)).filter((name) => name.endsWith(UNCLAIMED));
  for (const name of [...overtaken, ...leftovers]) {
    await rm(path.join(directory, name), { force: true });
  }
  return true;
}

async function claims(directory: string): Promise<number[]> {
  return (await readdir(directory)).flatMap((name) => {
    const number = CLAIM.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

async function isLinked(socket: string, file: string): Promise<boolean> {
  try {
    await link(socket, file);
    return true;
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    // Taken, or tidied away by somebody who claimed the directory meanwhile.
    if (code === "EEXIST" || code === "ENOENT") return false;
    throw new DirectoryUnusable(`${file} cannot be made: ${(fault as Error).message}`, {
      cause: fault,
    });
  }
}

function nameOf(number: number): string {
  return `claim.${number}`;
}

/** What the holder says of itself; null if nobody listens any more. */
function holderOf(file: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let said = "";
    const socket = connect(file);
    const tell = (): void => {
      socket.destroy();
      resolve(/^[\w .-]{1,200}$/.test(said) ? said : "a process that does not answer");
    };
    socket.setTimeout(ANSWER_MS, tell);
    socket.setEncoding("utf8");
    socket.on("data", (part: string) => {
      said = `${said}${part}`.slice(0, ANSWER_LENGTH_MAX);
    });
    socket.once("end", tell);
    socket.once("error", (fault: NodeJS.ErrnoException) => {
      socket.destroy();
      // A full queue of connections is a sign of life as well.
      if (fault.code === "ECONNREFUSED" || fault.code === "ENOENT") resolve(null);
      else if (fault.code === "EAGAIN" || fault.code === "ECONNRESET") tell();
      else reject(new DirectoryUnusable(`${file} cannot be asked: ${fault.message}`));
    });
  });
}

function listen(file: string, directory: string): Promise<Server> {
  const said = `process ${process.pid} on ${hostname()}`;
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.setTimeout(ANSWER_MS, () => socket.destroy());
    socket.end(said);
  });
  // It keeps no process alive by itself.
  server.unref();
  return new Promise((resolve, reject) => {
    server.once("error", (fault) => {
      const reason = `no socket can be made in ${directory}: ${fault.message}`;
      reject(new DirectoryUnusable(reason, { cause: fault }));
    });
    server.listen(file, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
