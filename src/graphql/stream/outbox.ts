import type { Duplex } from "node:stream";
import type { GraphQLError } from "graphql";
import { type ErrorMessage, type Message, MessageType, stringifyMessage } from "graphql-ws";
import type { WebSocket } from "ws";
import type { ToldEvent } from "./broadcast.ts";
import type { StreamLimits } from "./streamLimits.ts";
import { Untaken } from "./untaken.ts";

/** `}` */
const END = 0x7d;

/** The first byte of a frame that is a whole message of text (RFC 6455, section 5.2). */
const WHOLE_TEXT = 0x81;
const LENGTH_7_BITS_MAX = 125;
const LENGTH_16_BITS_MAX = 0xffff;

/** What goes out on one socket. */
export class Outbox {
  /** What the reader has not taken. */
  readonly untaken: Untaken;
  readonly #socket: WebSocket;
  readonly #limits: StreamLimits;
  readonly #onStalled: () => void;
  #answersBytes = 0;

  /** `wire` is what the socket writes to; `onStalled` is called when the reader takes nothing any more. */
  constructor(socket: WebSocket, wire: Duplex, limits: StreamLimits, onStalled: () => void) {
    this.untaken = new Untaken(wire, limits, onStalled);
    this.#socket = socket;
    this.#limits = limits;
    this.#onStalled = onStalled;
  }

  /** Sends an answer to a message; a reader who asks and asks, and takes no answer, is stalled. */
  answer(message: Message): void {
    const text = stringifyMessage(message);
    this.#answersBytes += text.length;
    this.#socket.send(text, () => {
      this.#answersBytes -= text.length;
    });
    if (this.#answersBytes > this.#limits.untakenBytesMax) this.#onStalled();
  }

  /**
   * Sends an event after what names its operation; false where it does not, as the reader should take first. The
   * frame goes to the wire in one piece, which costs a third less than a message of the socket;
   * without compression nothing of the socket's own can come between.
   */
  event(opening: Buffer, { bytes }: ToldEvent): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    if (!this.untaken.hasRoom) return false;
    this.untaken.write(frameOf(opening, bytes));
    return true;
  }
}

/** The frame of a `next` message: unmasked, as a server's are (RFC 6455, section 5.2). */
function frameOf(opening: Buffer, payload: Buffer): Buffer {
  const length = opening.length + payload.length + 1;
  const headBytes = length <= LENGTH_7_BITS_MAX ? 2 : length <= LENGTH_16_BITS_MAX ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame[0] = WHOLE_TEXT;
  if (headBytes === 2) frame[1] = length;
  else if (headBytes === 4) frame.writeUInt16BE(length, frame.writeUInt8(126, 1));
  else frame.writeBigUInt64BE(BigInt(length), frame.writeUInt8(127, 1));
  opening.copy(frame, headBytes);
  payload.copy(frame, headBytes + opening.length);
  frame[frame.length - 1] = END;
  return frame;
}

/** What stands before an event of an operation: a `next` message without its payload. */
export function openingOf(id: string): Buffer {
  return Buffer.from(`{"id":${JSON.stringify(id)},"type":"${MessageType.Next}","payload":`);
}

/** The message that ends an operation because of these. */
export function errorsOf(id: string, errors: readonly GraphQLError[]): ErrorMessage {
  return { id, type: MessageType.Error, payload: errors.map((error) => error.toJSON()) };
}

/** The message that ends an operation, because of these if there are any. */
export function endingOf(id: string, errors: readonly GraphQLError[]): Message {
  return errors.length > 0 ? errorsOf(id, errors) : { id, type: MessageType.Complete };
}
