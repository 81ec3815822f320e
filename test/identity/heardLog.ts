import type { Log } from "#packet/log.ts";

/** One line of a log. */
export interface HeardLine {
  readonly level: keyof Log;
  readonly fields: object;
  readonly message: string;
}

/** A log that keeps its lines. */
export interface Heard {
  readonly log: Log;
  readonly lines: readonly HeardLine[];
}

export function heardLog(): Heard {
  const lines: HeardLine[] = [];
  const hear =
    (level: keyof Log) =>
    (fields: object, message: string): void => {
      lines.push({ level, fields, message });
    };
  return { log: { info: hear("info"), warn: hear("warn"), error: hear("error") }, lines };
}
