import { APPLICATION_ROLE, EMBEDDED_NAME, openCluster, type Cluster } from "./cluster.ts";
import { addressOf, applicationAddressOf, openSession, type ServerSession } from "./session.ts";
import { stopServer } from "./stop.ts";

/** Where an embedded database lives and who uses it. */
export interface EmbeddedOptions {
  /** Made if absent. The product owns what is in it. */
  directory: string;
  /** With the process id and host, what a refused second process is told. */
  applicationName: string;
  log: (line: string) => void;
}

/** A Postgres of our own, on 127.0.0.1, that no other process of ours uses. */
export interface EmbeddedDatabase {
  /** A superuser's `postgres://` address of the product's database. Holds the password. */
  readonly url: string;
  /** The role that the application should run as; `migrate` grants it what it needs. */
  readonly applicationRole: string;
  /** Where that role signs in. Holds its password. */
  readonly applicationUrl: string;
  /** Of the running server, such as `18.4`. */
  readonly version: string;
  readonly port: number;
  /**
   * Resolves if the server was lost and could not be had again: it does not start, or another
   * process has taken the directory. Never rejects; pending for as long as all is well.
   */
  readonly lost: Promise<Error>;
  /** Stops the server, rolling back what still runs on it, and resolves when it is gone. */
  close(): Promise<void>;
}

/**
 * Starts the embedded Postgres of a directory, or adopts the one that a killed process left
 * running there, and keeps it running: a server that dies is started again on the same port.
 * Throws `DirectoryHeld`, `WrongMajorVersion`, `DirectoryUnreachable`, `NoBinaries` or
 * `ServerNotStarted`.
 */
export async function openEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  const cluster = await openCluster(options.directory, options.log);
  const session = await openSession(cluster, options);
  options.log(`Postgres ${session.version} serves ${cluster.directory} on ${session.served.port}`);
  return new SupervisedServer(cluster, options, session);
}

class SupervisedServer implements EmbeddedDatabase {
  readonly url: string;
  readonly applicationRole = APPLICATION_ROLE;
  readonly applicationUrl: string;
  readonly version: string;
  readonly port: number;
  readonly lost: Promise<Error>;
  readonly #cluster: Cluster;
  readonly #options: EmbeddedOptions;
  readonly #supervision: Promise<void>;
  /** Undefined once the server is lost: it may be another process's by then. */
  #session: ServerSession | undefined;
  #recovery: Promise<ServerSession> | undefined;
  #closing: Promise<void> | undefined;

  constructor(cluster: Cluster, options: EmbeddedOptions, session: ServerSession) {
    this.#cluster = cluster;
    this.#options = options;
    this.#session = session;
    this.port = session.served.port;
    this.version = session.version;
    this.url = addressOf(cluster, this.port, EMBEDDED_NAME);
    this.applicationUrl = applicationAddressOf(cluster, this.port);
    let lose: (fault: Error) => void = () => undefined;
    this.lost = new Promise((resolve) => {
      lose = resolve;
    });
    this.#supervision = this.#supervise(session).catch((fault: unknown) => {
      this.#session = undefined;
      lose(fault instanceof Error ? fault : new Error(String(fault), { cause: fault }));
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The claim's own session is the pulse: it ends when the server does, and in no other way. */
  async #supervise(first: ServerSession): Promise<void> {
    const { log } = this.#options;
    for (let session = first; ;) {
      await session.hold.ended;
      if (this.#closing !== undefined) return;
      log(`Postgres in ${this.#cluster.directory} is gone; starting it again`);
      await session.hold.release();
      this.#recovery = openSession(this.#cluster, { ...this.#options, port: this.port });
      session = await this.#recovery;
      this.#session = session;
      log(`Postgres serves ${this.#cluster.directory} again on ${this.port}`);
    }
  }

  async #close(): Promise<void> {
    // What a recovery is starting is waited for, so that it is stopped and not left behind.
    await Promise.allSettled([this.#recovery]);
    const session = this.#session;
    if (session !== undefined) {
      // The claim is kept until the server is gone: nobody adopts a server that is stopping.
      await stopServer(this.#cluster, session.served.pid, this.#options.log);
      await session.hold.release();
    }
    await this.#supervision;
  }
}
