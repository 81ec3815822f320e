import { setTimeout as pause } from "node:timers/promises";
import { readPrincipals } from "#identity/principalsFile.ts";
import type { Actor } from "#packet/actor.ts";
import { type Access, Api } from "./api.ts";
import { CannotRehearse } from "./cannotRehearse.ts";
import { withPasses } from "./passes.ts";
import { EPOCH_MS, EPOCH_MS_MAX } from "./plan.ts";
import { Reader } from "./reader.ts";
import type { Admission, Theatre } from "./theatre.ts";

/** A server that runs already. */
export interface GivenServer {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where another node of its deployment answers, which reads the same file. */
  readonly otherUrl?: string | undefined;
  /** The principals file that it reads. */
  readonly principals: string;
  /** True where nobody else uses it, so that its epoch may be frozen. */
  readonly isAlone: boolean;
}

/** A server looks at its principals file at most once a second. */
const KNOWN_WITHIN_MS = 5000;
const ASK_EVERY_MS = 200;

/** An epoch that does not move in so many of its lengths, and some time more, stands still. */
const STILL_EPOCHS = 3;
const STILL_MORE_MS = 2000;

/**
 * Adds the cast to the principals file of a server that runs, has it used, and removes the cast
 * again. What was played stays in that server's ledger, as an exercise.
 *
 * @throws {CannotRehearse} if it does not answer, does not read that file, or its epoch is too slow or still.
 */
export async function inGivenTheatre<T>(
  { url, otherUrl, principals, isAlone }: GivenServer,
  { actors, mark, signal }: Admission,
  use: (theatre: Theatre) => Promise<T>,
): Promise<T> {
  // Adding would make the file where there is none; here it must be the server's own.
  await readPrincipals(principals);
  const last = actors.at(-1);
  if (last === undefined) throw new Error("nobody is to be let in");
  return withPasses(principals, actors, [], async (tokens) => {
    const access = { url, otherUrl, tokens, signal };
    const api = new Api(access);
    await requireKnown(api, last, access, principals);
    const database = await requirePace(new Reader(api, last), access);
    return use({
      access,
      told: `the ${serversAt(url, otherUrl)}, whose database is ${database}`,
      mark,
      reportsBefore: BigInt(Date.now()) * 1000n,
      isAlone,
      signOn: null,
      ownersKey: null,
    });
  });
}

function serversAt(url: string, otherUrl: string | undefined): string {
  return otherUrl === undefined ? `server at ${url}` : `servers at ${url} and ${otherUrl}`;
}

/** Whoever was added last is known only with all before them. */
async function requireKnown(
  api: Api,
  last: Actor,
  { url, signal }: Access,
  principals: string,
): Promise<void> {
  const late = AbortSignal.timeout(KNOWN_WITHIN_MS);
  while (!(await api.knows(last))) {
    if (late.aborted) {
      throw new CannotRehearse(
        `the server at ${url} does not know whom the rehearsal added to ${principals}: ` +
          "name the file that this server reads with --principals",
      );
    }
    await pause(ASK_EVERY_MS, undefined, { signal });
  }
}

/** Resolves to the kind of its database. */
async function requirePace(reader: Reader, { url, signal }: Access): Promise<string> {
  const { database, epoch, epochMs } = await reader.deployment();
  if (epochMs > EPOCH_MS_MAX) {
    throw new CannotRehearse(
      `an epoch of the server at ${url} lasts ${epochMs / 1000} s: for a rehearsal start it ` +
        `with HOLDFAST_EPOCH_MS=${EPOCH_MS}, or at most ${EPOCH_MS_MAX}`,
    );
  }
  const late = AbortSignal.timeout(STILL_EPOCHS * epochMs + STILL_MORE_MS);
  while ((await reader.epoch()) === epoch) {
    if (late.aborted) {
      throw new CannotRehearse(
        `the epoch of the server at ${url} stands still at ${epoch}: it is frozen, or not ticked`,
      );
    }
    await pause(ASK_EVERY_MS, undefined, { signal });
  }
  return database;
}
