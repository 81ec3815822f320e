import type { Socket } from "node:net";
import type { Sql } from "./connect.ts";
import type { Dial } from "./dial.ts";

/**
 * One connection of one's own. It is dialled once, at its first statement; once that connection is
 * gone, for whatever reason, so is the line, and another is opened in its place. With it goes all
 * that postgres.js (3.4.9) remembers of a connection that was lost.
 */
export interface Line {
  /** A client of this one connection; a statement on a line that is gone fails as a loss. */
  readonly sql: Sql;
  /** Bytes that came so far; while they stay the same, the server is silent. */
  readonly heardBytes: number;
  /** Whether it has ended: whatever is asked of it fails. */
  readonly isGone: boolean;
  /** Ends it without a word to the server, whose answer is not waited for. */
  giveUp(): void;
  /** Waits for what is under way, at most so many seconds, and ends it. */
  close(secondsMax: number): Promise<void>;
}

/** What a client of one connection is opened with. */
export interface LineClient {
  readonly socket: Dial;
  readonly onclose: () => void;
}

/** Opens a line; `onGone` is told once when it has ended. */
export function openLine(
  dial: Dial,
  newClient: (options: LineClient) => Sql,
  onGone: (line: Line) => void,
): Line {
  return new OpenLine(dial, newClient, onGone);
}

class OpenLine implements Line {
  readonly sql: Sql;
  readonly #onGone: (line: Line) => void;
  #socket: Socket | null = null;
  #isDialled = false;
  #isGone = false;

  constructor(dial: Dial, newClient: (options: LineClient) => Sql, onGone: (line: Line) => void) {
    this.#onGone = onGone;
    this.sql = newClient({
      socket: async (to) => {
        // By itself the driver would dial again and again for a statement that is not asked yet.
        if (this.#isDialled) throw new LineGone();
        this.#isDialled = true;
        const socket = await dial(to);
        if (this.#isGone) {
          socket.destroy();
          throw new LineGone();
        }
        this.#socket = socket;
        return socket;
      },
      onclose: () => this.giveUp(),
    });
  }

  get heardBytes(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  giveUp(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#onGone(this);
    // Nobody waits for it, and there is nothing left that could fail.
    this.close(0).catch(() => undefined);
  }

  async close(secondsMax: number): Promise<void> {
    try {
      // The driver must know of the end before its socket is gone: it would write to none otherwise.
      await this.sql.end({ timeout: secondsMax });
    } finally {
      this.#socket?.destroy();
      this.giveUp();
    }
  }
}

/** A line has one connection, which has ended. */
class LineGone extends Error {
  override readonly name = "LineGone";
  readonly code = "CONNECTION_CLOSED";

  constructor() {
    super("this connection has ended, and another is opened for what comes next");
  }
}
