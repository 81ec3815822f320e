import type { GraphQLSchema } from "graphql";
import { v7 as newId } from "uuid";
import { Documents } from "#graphql/request/documents.ts";
import { openRequests } from "#graphql/request/requests.ts";
import { Presence } from "#graphql/stream/presence.ts";
import type { Actor } from "#packet/actor.ts";
import { interleave } from "../measure.ts";
import { openPacket, openUnreported } from "../store.ts";
import { type Rounds, SILENT, type Stage, actorOf, contextOf } from "./stage.ts";

const ARTIFACTS = 500;

/** How many holds a page has. */
export const PAGE = 100;

/** How many requests are timed together. */
export const REQUESTS_PER_ROUND = 5;

/** How many requests that are refused are timed together. */
export const REFUSED_PER_ROUND = 50;

const REGISTER = `query ($packet: UUID!) { packet(packet: $packet) {
  holds(status: OPEN, first: ${PAGE}) { totalCount pageInfo { endCursor hasNextPage }
    nodes { code label subject prerequisite status why evidence sinceRevision sinceEpoch
      endedRevision endedEpoch clearedBy remedy } } } }`;

/** A page of a register, with rights looked up and fields guarded, and without. */
export async function requestRounds(stage: Stage): Promise<Rounds> {
  const packet = await openUnreported(stage.options.desk.ledger, ARTIFACTS, "train-authorization");
  const known = contextOf(stage, new Presence(), await actorOf(stage));
  const asked = { query: REGISTER, variables: { packet } };
  const requests = (schema: GraphQLSchema) =>
    openRequests(schema, new Documents(schema, false), SILENT);
  const [guarded, bare] = [requests(stage.guarded), requests(stage.bare)];
  const accept = "application/json";
  const presence = new Presence();
  const times = await interleave(
    { warmUp: 30, counted: 200 },
    () =>
      repeat(async () => {
        const context = contextOf(stage, presence, await actorOf(stage));
        return (await guarded.answer(asked, accept, context)).text();
      }),
    () => repeat(async () => (await bare.answer(asked, accept, known)).text()),
  );
  return {
    ...times,
    settings: { requests: REQUESTS_PER_ROUND, holds: PAGE, artifacts: ARTIFACTS },
  };
}

async function repeat(ask: () => Promise<string>): Promise<void> {
  for (let count = 0; count < REQUESTS_PER_ROUND; count += 1) {
    const answer = await ask();
    if (!answer.includes('"why":"')) throw new Error(`nothing governed was told: ${answer}`);
  }
}

/** Rule 7.2: the time of an answer tells nothing of what it is about. */
export async function absenceRounds(stage: Stage): Promise<Rounds> {
  const { ledger } = stage.options.desk;
  const there = await openPacket(ledger, ARTIFACTS, "train-authorization");
  const stranger: Actor = { actor: "stranger", kind: "PERSON", roles: ["DEVELOPER"] };
  const context = contextOf(stage, new Presence(), stranger);
  const requests = openRequests(stage.guarded, new Documents(stage.guarded, false), SILENT);
  const query = "query ($packet: UUID!) { packet(packet: $packet) { status } }";
  const refused = async (packet: string): Promise<void> => {
    for (let count = 0; count < REFUSED_PER_ROUND; count += 1) {
      const asked = { query, variables: { packet } };
      const answer = await (await requests.answer(asked, "application/json", context)).text();
      if (!answer.includes("NOT_ENTITLED")) throw new Error(`it was not refused: ${answer}`);
    }
  };
  const absent = newId();
  const times = await interleave(
    { warmUp: 20, counted: 200 },
    () => refused(there),
    () => refused(absent),
  );
  return { ...times, settings: { requests: REFUSED_PER_ROUND, artifacts: ARTIFACTS } };
}
