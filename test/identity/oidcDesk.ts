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

/** Opens one on a file of this content. */
export async function openOidcDesk(folder: string, content: object): Promise<OidcDesk> {
  const file = path.join(await mkdtemp(path.join(folder, "oidc-")), "oidc.json");
  const write = (next: object): Promise<void> => writeFile(file, JSON.stringify(next));
  await write(content);
  const heard = heardLog();
  let nowMs = 0;
  let wallMs = Date.now();
  const oidc = await openOidc({
    file,
    log: heard.log,
    now: () => nowMs,
    wallNow: () => wallMs,
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
