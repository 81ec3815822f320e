import type { Line } from "#database/line.ts";
import { CONNECT_SILENCE_MS_MAX, SILENCE_LOOK_MS } from "./limits.ts";

/** How long a server may say nothing to a piece of work, in milliseconds. */
export interface SilenceLimits {
  /** Until something came. */
  readonly firstMs: number;
  /** Then. */
  readonly silenceMs: number;
}

/**
 * The server takes what is asked of it, or not even that, and says nothing for longer than what it
 * was asked may take: the way to it is cut, and nobody says so.
 */
export class ServerSilent extends Error {
  override readonly name = "ServerSilent";
  readonly code = "CONNECTION_SILENT";

  constructor(silentMs: number) {
    super(`the database has said nothing for ${silentMs} ms: its connection is given up`);
  }
}

/**
 * Watches for silence by looking now and then how much has come on each connection. It counts its
 * looks and reads no clock: a process that was stopped has looked once, and finds what has come meanwhile.
 */
export class Silences {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;

  /** Watches a line while work is under way on it; `onBroken` is told once if it was silent for too long. */
  watch(line: Line, limits: SilenceLimits, onBroken: (fault: ServerSilent) => void): Watched {
    const watched = new Watched(line, limits, onBroken);
    this.#watched.add(watched);
    this.#timer ??= setInterval(() => this.#look(), SILENCE_LOOK_MS).unref();
    return watched;
  }

  /** The work is over. */
  end(watched: Watched): void {
    this.#watched.delete(watched);
  }

  #look(): void {
    for (const watched of this.#watched) if (watched.look()) this.#watched.delete(watched);
    // Not as soon as nothing is watched: work comes and goes much more often than this.
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** One line while work is under way on it. */
export class Watched {
  readonly #line: Line;
  readonly #limits: SilenceLimits;
  readonly #onBroken: (fault: ServerSilent) => void;
  readonly #isNew: boolean;
  #heardBytes: number;
  #isHeard = false;
  #silentMs = 0;

  constructor(line: Line, limits: SilenceLimits, onBroken: (fault: ServerSilent) => void) {
    this.#line = line;
    this.#limits = limits;
    this.#onBroken = onBroken;
    this.#heardBytes = line.heardBytes;
    this.#isNew = this.#heardBytes === 0;
  }

  /** Whether it was silent for too long. */
  look(): boolean {
    const { heardBytes } = this.#line;
    if (heardBytes === this.#heardBytes) this.#silentMs += SILENCE_LOOK_MS;
    else {
      this.#heardBytes = heardBytes;
      this.#isHeard = true;
      this.#silentMs = 0;
    }
    if (this.#silentMs < this.#silenceMsMax) return false;
    this.#onBroken(new ServerSilent(this.#silentMs));
    return true;
  }

  get #silenceMsMax(): number {
    if (this.#isHeard) return this.#limits.silenceMs;
    return this.#isNew ? CONNECT_SILENCE_MS_MAX : this.#limits.firstMs;
  }
}
