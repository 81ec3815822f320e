import { execFile, type ExecFileOptions } from "node:child_process";
import {
  access,
  appendFile,
  chown,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const DEBIAN = "/usr/lib/postgresql";

/**
 * The folder of Debian's newest Postgres with pg_basebackup, which the embedded one lacks. As root
 * on Debian it is installed where it is missing; elsewhere this throws and says what is needed.
 */
async function debianBinaries(): Promise<string> {
  const found = await newestBinaries();
  if (found !== null) return found;
  const isDebian = await access("/etc/debian_version").then(
    () => true,
    () => false,
  );
  if (!isRoot || !isDebian) {
    throw new Error(
      "this test needs Debian's package postgresql: install it, or run as root there",
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "--quiet"], { env });
  await run("apt-get", ["install", "--yes", "--no-install-recommends", "postgresql"], { env });
  const installed = await newestBinaries();
  if (installed === null) throw new Error("Debian's package postgresql has no pg_basebackup");
  return installed;
}

async function newestBinaries(): Promise<string | null> {
  const versions = await namesIn(DEBIAN);
  const sorted = versions
    .map(Number)
    .filter(Number.isFinite)
    .toSorted((a, b) => b - a);
  for (const version of sorted) {
    const folder = path.join(DEBIAN, String(version), "bin");
    const names = await namesIn(folder);
    if (names.includes("pg_basebackup") && names.includes("initdb")) return folder;
  }
  return null;
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((): string[] => []);
}

/** A server of Debian's, run by an ordinary account, in a folder of its own. */
export class DebianServer {
  readonly #binaries: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #password: string;

  private constructor(binaries: string, folder: string, port: number, password: string) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.#port = port;
    this.#password = password;
  }

  /** Makes a cluster and starts it; its log of changes lies in a folder of its own if one is named. */
  static async start(walFolder?: string): Promise<DebianServer> {
    const binaries = await debianBinaries();
    const folder = await ownFolder();
    const password = randomBytes(12).toString("hex");
    const file = path.join(folder, "password");
    await writeFile(file, password, { mode: 0o644 });
    const server = new DebianServer(binaries, folder, await freePort(), password);
    await server.#run("initdb", [
      `--pgdata=${server.#data}`,
      "--username=keeper",
      `--pwfile=${file}`,
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale=C",
      "--no-instructions",
      ...(walFolder === undefined
        ? []
        : ["--wal-segsize=1", `--waldir=${path.join(walFolder, "wal")}`]),
    ]);
    await server.#configure();
    await server.launch();
    return server;
  }

  /** The superuser's address of its maintenance database. */
  get url(): string {
    return `postgres://keeper:${this.#password}@127.0.0.1:${this.#port}/postgres`;
  }

  /** A standby that streams from this server. */
  async standby(): Promise<DebianServer> {
    const folder = await ownFolder();
    const twin = new DebianServer(this.#binaries, folder, await freePort(), this.#password);
    await twin.#run("pg_basebackup", [
      `--pgdata=${twin.#data}`,
      "--write-recovery-conf",
      "--checkpoint=fast",
      `--dbname=${this.url}`,
    ]);
    await twin.#configure();
    await twin.launch();
    return twin;
  }

  /** Makes a standby the primary; resolves when it takes changes. */
  async promote(): Promise<void> {
    await this.#run("pg_ctl", ["promote", "--wait", "--silent", `--pgdata=${this.#data}`]);
  }

  /** Ends it at once and for good, as one must that is no primary any more. */
  async fence(): Promise<void> {
    const args = ["stop", "--wait", "--silent", "--mode=immediate", `--pgdata=${this.#data}`];
    await this.#run("pg_ctl", args);
  }

  /** Starts it again where it has ended; resolves when it serves. */
  async launch(): Promise<void> {
    const log = path.join(this.#folder, "server.log");
    const args = ["start", "--wait", "--silent", `--pgdata=${this.#data}`, `--log=${log}`];
    await this.#run("pg_ctl", args);
  }

  /** Everything that it has logged. */
  said(): Promise<string> {
    return readFile(path.join(this.#folder, "server.log"), "utf8");
  }

  /** Whether its first process is there. */
  async isRunning(): Promise<boolean> {
    const args = ["status", `--pgdata=${this.#data}`];
    return this.#run("pg_ctl", args).then(
      () => true,
      () => false,
    );
  }

  /** Ends it if it runs, and leaves nothing. */
  async remove(): Promise<void> {
    if (await this.isRunning()) await this.fence();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #data(): string {
    return path.join(this.#folder, "data");
  }

  async #configure(): Promise<void> {
    const settings = [
      `port = ${this.#port}`,
      "listen_addresses = '127.0.0.1'",
      "unix_socket_directories = ''",
      "max_connections = 60",
    ];
    await appendFile(path.join(this.#data, "postgresql.conf"), `\n${settings.join("\n")}\n`);
  }

  /** Runs one of Postgres' programs as an ordinary account, which the server refuses to do without. */
  async #run(program: string, args: readonly string[]): Promise<void> {
    const account: ExecFileOptions = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
    const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
    await run(path.join(this.#binaries, program), args, { ...account, cwd: this.#folder, env });
  }
}

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-debian-"));
  if (isRoot) await chown(folder, NOBODY, NOBODY);
  return folder;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
