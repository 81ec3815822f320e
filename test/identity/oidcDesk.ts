import { mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Oidc, openOidc } from "#identity/oidc.ts";
import { type Heard, heardLog } from "./heardLog.ts";

/** An open desk for tokens of a provider, whose clocks the test moves. */
export interface OidcDesk {
  readonly oidc: Oidc;
  readonly file: string;
  readonly heard: Heard;
  /** Lets both clocks go on. */
  pass(this: void, lengthMs: number): void;
  /** Sets the clock of the day. */
  set(wallMs: number): void;
  wall(): number;
  write(file: object): Promise<void>;
}

/** What was there before a desk was opened, and what its clock of the day says. */
export interface DeskBefore {
  /** Where the last good keys are kept; nowhere unless told. */
  readonly keptFile?: string;
  readonly wallMs?: number;
}

/** Opens one on a file of this content. */
export async function openOidcDesk(
  folder: string,
  content: object,
  { keptFile, wallMs: begin = Date.now() }: DeskBefore = {},
): Promise<OidcDesk> {
  const file = path.join(await mkdtemp(path.join(folder, "oidc-")), "oidc.json");
  const write = (next: object): Promise<void> => writeFile(file, JSON.stringify(next));
  await write(content);
  const heard = heardLog();
  let nowMs = 0;
  let wallMs = begin;
  const oidc = await openOidc({
    file,
    log: heard.log,
    now: () => nowMs,
    wallNow: () => wallMs,
    keptFile: keptFile ?? null,
  });
  return {
    oidc,
    file,
    heard,
    pass(lengthMs) {
      nowMs += lengthMs;
      wallMs += lengthMs;
    },
    set(to) {
      wallMs = to;
    },
    wall: () => wallMs,
    write,
  };
}
