import type { GraphQLError } from "graphql";
import type { ToldEvent } from "./broadcast.ts";
import type { Turns } from "./turns.ts";

/** What a connection's reader has not taken yet. */
export interface Waiting {
  readonly bytes: number;
  /** For those who have events made for the reader alone: all that it follows over the connection take turns. */
  readonly turns: Turns;
  /** Resolves once the reader has taken what it has, or is gone; null where there is room. */
  taken(): Promise<void> | null;
}

/** Where one reader's events go. */
export interface Sink {
  readonly untaken: Waiting;
  /** Hands over an event; false where it does not, as the reader should take what it has first. */
  event(told: ToldEvent): boolean;
  /** The reader takes ever less than there is to take: it should come back with its last cursor. */
  tooSlow(): void;
  /** Nothing comes any more, because of these if there are any. */
  end(errors: readonly GraphQLError[]): void;
  /** The reader's rights are not any more what they were. */
  forbid(): void;
}
