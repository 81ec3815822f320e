import { REVISIONS, SUBSCRIBERS, catchUpRounds, eventRounds } from "./authorization/events.ts";
import {
  PAGE,
  REFUSED_PER_ROUND,
  REQUESTS_PER_ROUND,
  absenceRounds,
  requestRounds,
} from "./authorization/requests.ts";
import { withStage } from "./authorization/stage.ts";
import type { Figure } from "./measure.ts";

const LIMIT = { atMost: 1.15 };
const UNGUARDED = "on the same schema without its guard";

/** What authorization and redaction cost: the product's own parts, with them and without. */
export const AUTHORIZATION: readonly Figure[] = [
  {
    name: "authorization-request",
    what: `${REQUESTS_PER_ROUND} requests for a page of ${PAGE} holds with all their fields, each with its token looked up and each field of a class guarded`,
    peer: `the same requests by somebody who is known already, ${UNGUARDED}`,
    limit: LIMIT,
    run: () => withStage(requestRounds),
  },
  {
    name: "authorization-event",
    what: `${REVISIONS} revisions told together to ${SUBSCRIBERS} subscribers, whose rights are looked at before each of them`,
    peer: `the same revisions with rights that are never looked at, ${UNGUARDED}`,
    limit: LIMIT,
    run: () => withStage(eventRounds),
  },
  {
    name: "authorization-catch-up",
    what: `${REVISIONS} revisions told to one who catches up alone, whose rights are looked at before each of them`,
    peer: `the same revisions with rights that are never looked at, ${UNGUARDED}`,
    limit: null,
    run: () => withStage(catchUpRounds),
  },
  {
    name: "authorization-absence",
    what: `${REFUSED_PER_ROUND} requests for a packet that is there, by somebody who may not see it`,
    peer: "the same requests for a packet that is not there",
    limit: LIMIT,
    run: () => withStage(absenceRounds),
  },
];
