/** The process that uses an embedded data directory. */
export interface Holder {
  /** As it stands in `pg_stat_activity`: what, process id and host. */
  applicationName: string;
  /** Process id on its host, or null where the name does not tell. */
  pid: number | null;
  host: string | null;
  /** When its session began, ISO 8601 in UTC. */
  since: string;
}

/** Another process uses the data directory; nothing was changed. */
export class DirectoryHeld extends Error {
  override readonly name = "DirectoryHeld";
  readonly directory: string;
  readonly holder: Holder;

  constructor(directory: string, holder: Holder) {
    super(
      `the data directory ${directory} is in use by ${holder.applicationName} ` +
        `since ${holder.since}: stop that process, or name another directory`,
    );
    this.directory = directory;
    this.holder = holder;
  }
}

/** The data directory belongs to another major version of Postgres; nothing was changed. */
export class WrongMajorVersion extends Error {
  override readonly name = "WrongMajorVersion";
  readonly directory: string;
  readonly found: string;
  readonly expected: string;

  constructor(directory: string, found: string, expected: string) {
    super(
      `the data directory ${directory} was made by Postgres ${found}, but this build carries ` +
        `Postgres ${expected}: start the build that made it, or dump and restore into a new one`,
    );
    this.directory = directory;
    this.found = found;
    this.expected = expected;
  }
}

/** The account that the server runs as cannot get into the data directory. */
export class DirectoryUnreachable extends Error {
  override readonly name = "DirectoryUnreachable";
  readonly directory: string;
  readonly blockedAt: string;

  constructor(directory: string, blockedAt: string, account: string) {
    super(
      `Postgres would run as ${account}, who may not enter ${blockedAt} of the data directory ` +
        `${directory}: name a directory elsewhere, or start as the account that owns this one ` +
        "(under root, Postgres runs as the directory's owner or as nobody, never as root)",
    );
    this.directory = directory;
    this.blockedAt = blockedAt;
  }
}

/** There are no usable Postgres binaries for this machine. */
export class NoBinaries extends Error {
  override readonly name = "NoBinaries";

  constructor(reason: string, cause?: unknown) {
    super(
      `no embedded Postgres can run here, ${reason}: use the address of a Postgres server instead`,
      { cause },
    );
  }
}

/** The server did not start, or did not answer; the message ends with its own last words. */
export class ServerNotStarted extends Error {
  override readonly name = "ServerNotStarted";
  readonly directory: string;

  constructor(directory: string, reason: string, cause?: unknown) {
    super(`Postgres did not start in ${directory}: ${reason}`, { cause });
    this.directory = directory;
  }
}
