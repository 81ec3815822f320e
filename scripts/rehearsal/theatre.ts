import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { v7 as newId } from "uuid";
import { connect } from "#database/connect.ts";
import { openEmbedded } from "#database/embedded.ts";
import { migrate } from "#database/migrate.ts";
import { openLedger } from "#ledger/openLedger.ts";
import type { Desk } from "#workflow/desk.ts";
import { CannotRehearse } from "./cannotRehearse.ts";
import { EPOCH_MS, TICK_GAP_MAX_MS } from "./plan.ts";
import type { Subscriber } from "./subscriber.ts";

const APPLICATION_NAME = "holdfast rehearsal";
const CONNECTIONS_MAX = 4;

/** What is open while the incident is played. */
export interface Theatre {
  readonly desk: Desk;
  /** Of the embedded Postgres. */
  readonly version: string;
}

/**
 * Opens a ledger of its own on an embedded Postgres, has it used, and closes everything in reverse,
 * however that ends. Without a directory the data is removed.
 *
 * @throws {CannotRehearse} if the directory is not empty, and what `openEmbedded` throws.
 */
export async function inTheatre<T>(
  directory: string | null,
  subscriber: Subscriber,
  use: (theatre: Theatre) => Promise<T>,
): Promise<T> {
  const data = directory ?? (await mkdtemp(path.join(tmpdir(), "holdfast-rehearsal-")));
  try {
    if (directory !== null) await requireEmpty(directory);
    return await withDatabase(data, subscriber, use);
  } finally {
    if (directory === null) await rm(data, { recursive: true, force: true });
  }
}

async function requireEmpty(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  if ((await readdir(directory)).length === 0) return;
  throw new CannotRehearse(
    `${directory} holds something already: the rehearsal plays on fresh data, name another`,
  );
}

async function withDatabase<T>(
  directory: string,
  subscriber: Subscriber,
  use: (theatre: Theatre) => Promise<T>,
): Promise<T> {
  const log = (): void => undefined;
  const embedded = await openEmbedded({ directory, applicationName: APPLICATION_NAME, log });
  try {
    await migrate(embedded.url, { applicationName: APPLICATION_NAME });
    const lost = embedded.lost.then((fault) => {
      throw fault;
    });
    return await Promise.race([
      lost,
      withLedger(embedded.url, subscriber, (desk) => use({ desk, version: embedded.version })),
    ]);
  } finally {
    await embedded.close();
  }
}

async function withLedger<T>(
  url: string,
  subscriber: Subscriber,
  use: (desk: Desk) => Promise<T>,
): Promise<T> {
  const rate = { epochMs: EPOCH_MS, tickGapMaxMs: TICK_GAP_MAX_MS };
  const options = { applicationName: APPLICATION_NAME, connectionsMax: CONNECTIONS_MAX };
  const database = connect(url, options);
  try {
    const ledger = await openLedger({
      database,
      rate,
      newId,
      newSalt: () => randomBytes(32),
      announce: (moved) => subscriber.hear(moved),
    });
    subscriber.follow(ledger);
    try {
      return await use({ ledger, rate, newId });
    } finally {
      await ledger.close();
    }
  } finally {
    await database.close();
  }
}
