import type { Socket } from "node:net";
import { setLoopTimer } from "#feed/timer.ts";
import type { Chance } from "../faults/chance.ts";

/** What a way through the net does to what passes; times are in milliseconds. */
export interface Weather {
  /** Every piece is late by this, and by anything up to the jitter more. */
  readonly delayMs: number;
  readonly jitterMs: number;
  /** Of 100 pieces so many are lost and sent again, which TCP shows as a pause. */
  readonly lostPercent: number;
  readonly resentAfterMs: number;
  /** The most bytes of one segment. */
  readonly segmentBytesMax: number;
}

export const CLEAR: Weather = {
  delayMs: 0,
  jitterMs: 0,
  lostPercent: 0,
  resentAfterMs: 200,
  segmentBytesMax: Number.POSITIVE_INFINITY,
};

/** What holds for a pipe at the moment: the weather, and whether nothing passes at all. */
export interface Sky {
  readonly weather: Weather;
  readonly isDark: boolean;
}

/** What is under way: bytes, or word that no more will come, or that the connection was reset. */
interface Piece {
  readonly at: number;
  readonly what: Buffer | "END" | "RESET";
}

/** What one direction holds before its sender is made to wait, as a window of TCP does. */
const HELD_BYTES_MAX = 256 * 1024;

/** Small segments that go out before whoever reads them has a turn. */
const SEGMENTS_OF_TURN = 64;

/** One direction of one connection: in order, as late as the weather has it, not at all in the dark. */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #sky: () => Sky;
  readonly #dice: Chance;
  readonly #pieces: Piece[] = [];
  #heldBytes = 0;
  #lastAt = 0;
  #isFull = false;
  #isBusy = false;
  #isSilent = false;
  #stopWaiting: (() => void) | null = null;

  /** `tap` sees every byte as it comes in. */
  constructor(
    [from, to]: readonly [Socket, Socket],
    sky: () => Sky,
    dice: Chance,
    tap: (bytes: Buffer) => void = () => undefined,
  ) {
    this.#from = from;
    this.#to = to;
    this.#sky = sky;
    this.#dice = dice;
    from.on("data", (bytes: Buffer) => {
      tap(bytes);
      this.#hold(bytes);
    });
    from.once("end", () => this.#hold("END"));
    from.once("error", () => this.#hold("RESET"));
    to.on("drain", () => {
      this.#isFull = false;
      this.pump();
    });
  }

  /** Sends what is due; to be called when the sky has changed. */
  pump(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    while (!this.#isFull && !this.#isBusy && !this.#sky().isDark && !this.#isSilent) {
      const [first] = this.#pieces;
      if (first === undefined) return;
      const waitMs = first.at - performance.now();
      if (waitMs > 0) {
        this.#stopWaiting = setLoopTimer(() => this.pump(), waitMs);
        return;
      }
      this.#pieces.shift();
      this.#send(first.what);
    }
  }

  /** From now on nothing comes through, not even that an end is gone, and nobody is told. */
  silence(): void {
    this.#isSilent = true;
    this.#from.pause();
  }

  /** Both ends are to be gone: nothing is sent any more. */
  drop(): void {
    this.#isSilent = true;
    this.#stopWaiting?.();
    this.#pieces.length = 0;
  }

  #hold(what: Piece["what"]): void {
    if (this.#isSilent) return;
    const { delayMs, jitterMs, lostPercent, resentAfterMs } = this.#sky().weather;
    const isLost = this.#dice.below(100) < lostPercent;
    const lateMs = delayMs + this.#dice.below(jitterMs + 1) + (isLost ? resentAfterMs : 0);
    this.#lastAt = Math.max(this.#lastAt, performance.now() + lateMs);
    this.#pieces.push({ at: this.#lastAt, what });
    this.#heldBytes += what.length;
    if (this.#heldBytes > HELD_BYTES_MAX) this.#from.pause();
    this.pump();
  }

  #send(what: Piece["what"]): void {
    this.#heldBytes -= what.length;
    if (this.#heldBytes <= HELD_BYTES_MAX) this.#from.resume();
    if (what === "END") this.#to.end();
    else if (what === "RESET") this.#to.resetAndDestroy();
    else if (what.length <= this.#sky().weather.segmentBytesMax) this.#write(what);
    else {
      this.#isBusy = true;
      this.#sendInSegments(what);
    }
  }

  /** So that whoever reads meets every border between two bytes. */
  #sendInSegments(bytes: Buffer): void {
    const length = Math.min(this.#sky().weather.segmentBytesMax, bytes.length);
    let left = bytes;
    for (let count = 0; count < SEGMENTS_OF_TURN && left.length > 0; count += 1) {
      this.#write(left.subarray(0, length));
      left = left.subarray(length);
    }
    if (left.length > 0 && !this.#to.destroyed) {
      setImmediate(() => this.#sendInSegments(left));
      return;
    }
    this.#isBusy = false;
    this.pump();
  }

  #write(bytes: Buffer): void {
    if (this.#to.writable && !this.#to.write(bytes)) this.#isFull = true;
  }
}
