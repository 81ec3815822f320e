import type { Actor } from "#packet/actor.ts";
import type { Log } from "#packet/log.ts";
import { tokenDigestOf } from "./bearer.ts";
import type { FileKind, FileUnusable } from "./fileKind.ts";
import { PRINCIPALS, type Principal } from "./principalsFile.ts";
import { LookedAtFile } from "./lookedAtFile.ts";

/** Which file, who is told of its faults, and a clock in milliseconds. */
export interface PrincipalsOptions {
  readonly file: string;
  readonly log: Log;
  /** Only differences count; a step back makes the file be looked at again. */
  readonly now: () => number;
}

/**
 * The passport desk: who a bearer token shows the caller to be. The file is looked at again on
 * use, at most once a second, so that whoever is added or removed counts without a restart.
 * While the file cannot be read or has a fault, nobody is let in, not even those who were in it
 * before: it may have been meant to remove them, and what is unknown is held.
 */
export interface Principals {
  /** Takes an `Authorization` header; null for whoever is not known, and for everybody during a fault. */
  authenticate(authorization: string | undefined): Promise<Actor | null>;
  /**
   * Looks at the file now, whenever it was looked at last: who was removed before this call is
   * not let in after it. Calls made while a look is under way share the next one. Resolves to a
   * number that is another one whenever anybody's rights may be other than before, also when a
   * fault comes or goes; it costs one `stat` where nothing changed.
   */
  look(): Promise<number>;
  /** Looks at the file if that is due; resolves to all that it lists, or null during a fault. */
  listing(): Promise<Listing | null>;
  /** Looks at the file if that is due; resolves to what is wrong with it, or null. */
  fault(): Promise<FileUnusable | null>;
  /** How many are known as of the last look; none during a fault. */
  current(): number;
  /** Lets nobody in from here on. */
  close(): void;
}

/** Everybody whom the file lists, whether or not they have a token. */
export interface Listing {
  readonly principals: readonly Principal[];
  /** Whoever has this name, in whatever case it is written; null for nobody. */
  named(name: string): Principal | null;
}

/** Opens the desk. Throws {@link FileUnusable} for a file that is faulty at the start. */
export async function openPrincipals(options: PrincipalsOptions): Promise<Principals> {
  const { file, log, now } = options;
  const watched = await LookedAtFile.open({
    kind: KNOWN,
    file,
    log,
    now,
    shown: ({ principals }) => ({ principals: principals.length }),
    withheld: "nobody is let in",
  });
  return new PassportDesk(watched);
}

class PassportDesk implements Principals {
  readonly #file: LookedAtFile<Known>;

  constructor(file: LookedAtFile<Known>) {
    this.#file = file;
  }

  async authenticate(authorization: string | undefined): Promise<Actor | null> {
    const digest = tokenDigestOf(authorization);
    if (digest === null) return null;
    return (await this.#file.present())?.byToken.get(digest) ?? null;
  }

  look(): Promise<number> {
    return this.#file.look();
  }

  async listing(): Promise<Listing | null> {
    const known = await this.#file.present();
    if (known === null) return null;
    const { principals, byName } = known;
    return { principals, named: (name) => byName.get(name.toLowerCase()) ?? null };
  }

  fault(): Promise<FileUnusable | null> {
    return this.#file.fault();
  }

  current(): number {
    return this.#file.value?.principals.length ?? 0;
  }

  close(): void {
    this.#file.close();
  }
}

/** What the file says, as it is asked for. */
interface Known {
  readonly principals: readonly Principal[];
  readonly byToken: ReadonlyMap<string, Actor>;
  readonly byName: ReadonlyMap<string, Principal>;
}

const KNOWN: FileKind<Known> = {
  ...PRINCIPALS,
  parse: (file, text) => knownOf(PRINCIPALS.parse(file, text)),
};

function knownOf(principals: readonly Principal[]): Known {
  const byToken = new Map<string, Actor>();
  const byName = new Map<string, Principal>();
  for (const principal of principals) {
    const { name, tokenSha256 } = principal;
    byName.set(name.toLowerCase(), principal);
    if (tokenSha256 !== undefined) byToken.set(tokenSha256, actorOf(principal));
  }
  return { principals, byToken, byName };
}

/** Whoever a principal is when they come by what the file says of them. */
export function actorOf({ name, kind, roles, reports }: Principal): Actor {
  const known = { actor: name, kind, roles: Object.freeze([...roles]) };
  return Object.freeze(reports === undefined ? known : { ...known, reports });
}
