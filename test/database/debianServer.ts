import { execFile, type ExecFileOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, chown, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { freePort } from "#database/freePort.ts";
import { STRACE, findPostgres } from "../debianPackages.ts";

const run = promisify(execFile);

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** A server of Debian's, run by an ordinary account, in a folder of its own. */
export class DebianServer {
  readonly #binaries: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #password: string;
  #environment: Readonly<Record<string, string>> = {};

  private constructor(binaries: string, folder: string, port: number, password: string) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.#port = port;
    this.#password = password;
  }

  /**
   * Makes a cluster and starts it; its log of changes lies in a folder of its own if one is named,
   * and it runs with these variables besides.
   */
  static async start(
    walFolder?: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<DebianServer> {
    const binaries = await findPostgres();
    if (binaries === null) throw new Error("Debian's package postgresql is not installed");
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
    server.#environment = environment;
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

  /**
   * Lets the disk lose whatever sessions that begin from here on would make durable, as Linux
   * says it: with EIO. Resolves to the way to mend it.
   */
  async loseDisk(): Promise<() => Promise<void>> {
    const [pid = ""] = (await readFile(path.join(this.#data, "postmaster.pid"), "utf8")).split(
      "\n",
    );
    const fault = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO"];
    const tracer = spawn(STRACE, ["-f", "-o", "/dev/null", ...fault, "-p", pid], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    const gone = once(tracer, "exit");
    const [said] = (await once(tracer.stderr.setEncoding("utf8"), "data")) as [string];
    if (!said.includes("attached")) throw new Error(said);
    tracer.stderr.resume();
    return async () => {
      tracer.kill();
      await gone;
    };
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
    const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC", ...this.#environment };
    await run(path.join(this.#binaries, program), args, { ...account, cwd: this.#folder, env });
  }
}

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "holdfast-debian-"));
  if (isRoot) await chown(folder, NOBODY, NOBODY);
  return folder;
}
