import type { FieldClass } from "#access/classes.ts";
import type { Cursors } from "#feed/cursor.ts";
import type { Feed } from "#feed/feed.ts";
import type { AccessLog } from "#packet/accessEvent.ts";
import type { LastKnownPacket } from "#lastKnown/lastKnownPacket.ts";
import type { Actor } from "#packet/actor.ts";
import type { Notary } from "#notary/notary.ts";
import type { Log } from "#packet/log.ts";
import type { Desk } from "#workflow/desk.ts";
import type { AccessRecords } from "./accessRecords.ts";
import type { Reads } from "./governedReads.ts";
import type { Presence } from "./stream/presence.ts";

/** What every resolver works with. Made anew for each request and for each delivered event. */
export interface Context {
  readonly actor: Actor;
  /** What of a result the actor is shown (rule 7.1). */
  readonly classes: ReadonlySet<FieldClass>;
  /** Where the reader comes from. */
  readonly address: string;
  /** Where refusals are recorded. */
  readonly access: AccessLog;
  /** What of governed data the reader looks at. */
  readonly reads: Reads;
  /** The records of access, to be read. */
  readonly records: AccessRecords;
  /** This node's own copies of packets, sound ones only. */
  readonly lastKnown: () => Promise<readonly LastKnownPacket[]>;
  readonly desk: Desk;
  readonly feed: Feed;
  readonly cursors: Cursors;
  /** What packets are at present, for followers who ask for it together. */
  readonly presence: Presence;
  readonly notary: Notary;
  /** True where the database is the embedded one. */
  readonly embedded: boolean;
  /** In every log line about this request. */
  readonly requestId: string;
  readonly log: Log;
  /** Where a reader of server-sent events says that they left off; it comes before `after`. */
  readonly lastEventId: string | null;
}
