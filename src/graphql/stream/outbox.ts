import type { ExecutionResult, FormattedExecutionResult, GraphQLError } from "graphql";
import { type ErrorMessage, type Message, MessageType, stringifyMessage } from "graphql-ws";
import type { WebSocket } from "ws";
import type { StreamLimits } from "./streamLimits.ts";

/** What goes out on one socket. Nothing is queued in here: whoever delivers waits for the reader. */
export class Outbox {
  readonly #socket: WebSocket;
  readonly #limits: StreamLimits;
  readonly #onStalled: () => void;
  #untakenBytes = 0;

  /** `onStalled` is called when the reader takes nothing any more. */
  constructor(socket: WebSocket, limits: StreamLimits, onStalled: () => void) {
    this.#socket = socket;
    this.#limits = limits;
    this.#onStalled = onStalled;
  }

  /** Sends an answer to a message; a reader who asks and asks, and takes no answer, is stalled. */
  answer(message: Message): void {
    const text = stringifyMessage(message);
    this.#untakenBytes += text.length;
    this.#socket.send(text, () => {
      this.#untakenBytes -= text.length;
    });
    if (this.#untakenBytes > this.#limits.untakenBytesMax) this.#onStalled();
  }

  /** Sends an event and resolves when the reader has taken it, or is gone: at most one of each operation is in the air. */
  deliver(id: string, result: ExecutionResult): Promise<void> {
    const text = stringifyMessage({ id, type: MessageType.Next, payload: formatted(result) });
    return new Promise((resolve) => {
      const stalled = setTimeout(this.#onStalled, this.#limits.stalledMs);
      this.#socket.send(text, () => {
        clearTimeout(stalled);
        resolve();
      });
    });
  }
}

/** The message that ends an operation because of these. */
export function errorsOf(id: string, errors: readonly GraphQLError[]): ErrorMessage {
  return { id, type: MessageType.Error, payload: errors.map((error) => error.toJSON()) };
}

function formatted({ errors, ...result }: ExecutionResult): FormattedExecutionResult {
  if (errors === undefined) return result;
  return { ...result, errors: errors.map((error) => error.toJSON()) };
}
