import { type PacketOpened, causeOf } from "#packet/fact.ts";
import type { PacketId } from "#packet/name.ts";
import { InvalidInput, Refusal, SourcesMissing, TrainHasPacket } from "#packet/refusal.ts";
import { SourceKind, type Sources } from "#packet/source.ts";
import { sharedSubjects } from "#gate/dependencies.ts";
import { nextDue, openPacket } from "#gate/revise.ts";
import type { TrainDesk } from "./desk.ts";
import { writeAnswer } from "./asker.ts";
import { bytesOf } from "./bytes.ts";
import { type Draft, type Folded, draftRevision } from "./draft.ts";
import { appendedAt } from "./extendHeads.ts";
import type { Appended, OpenRequest } from "./ledger.ts";
import { type Query, type SeenMoment, readMoment } from "./moment.ts";
import { nextNumber, takeNumber } from "./reporters.ts";
import { lockSubjects, readReports, rememberDependencies } from "./subjects.ts";
import { isComplete, lockTrain, readTrain } from "./trains.ts";
import { type Concluded, transact } from "./transact.ts";
import { insertAnswers, revisionColumns, revisionRows } from "./write.ts";

/**
 * Opens a train's packet as revision 1 (rule 3.3). It locks the clock against a break, then
 * the train, then the subjects that the packet will depend on, so that no freeze, no newer
 * source and no report that comes meanwhile can be missed.
 */
export async function openPacketOf(
  desk: TrainDesk,
  request: OpenRequest,
): Promise<Appended | Refusal> {
  const { asker } = request;
  return transact<Appended>(desk, asker, {
    async lock(tx) {
      await tx`SELECT FROM deployment FOR SHARE`;
      await lockTrain(tx, request);
    },
    repeat: (answer) => ({ ...(answer as Appended), repeated: true }),
    moved: (answer) => [answer],
    run: ({ tx }) => open(desk, tx, request),
  });
}

async function open(
  desk: TrainDesk,
  tx: Query,
  request: OpenRequest,
): Promise<Concluded<Appended> | Refusal> {
  const { exercise, asker } = request;
  const number = await nextNumber(tx, request);
  if (number instanceof Refusal) return number;
  const train = await readTrain(tx, desk.shelf, request, request.packet ?? desk.newId());
  const { sources } = train;
  const subjects = isComplete(sources) ? sharedSubjects(sources) : [];
  await lockSubjects(tx, { exercise, subjects }, "DEPEND");
  const moment = await readMoment(tx, desk.rate);
  const decided = request.decide(train, moment);
  if (decided instanceof Refusal) return decided;
  if (train.openPacket !== null) return new TrainHasPacket();
  if (!isComplete(sources)) {
    return new SourcesMissing(SourceKind.options.filter((kind) => sources[kind] === undefined));
  }
  const shared = await readReports(tx, { exercise, subjects });
  const fact = complete(request, decided, { packet: train.newPacket, sources, moment });
  const opened = { ...fact, entries: [...fact.entries, ...shared] };
  const { draft, folded } = draftOpening(desk, request, opened, moment);
  if (!(await writePacket(tx, draft, folded, request))) return new InvalidInput([TAKEN]);
  await writeOpening(tx, draft, folded);
  await rememberDependencies(tx, train.newPacket, subjects);
  await takeNumber(tx, number);
  const answer = appendedAt(folded);
  const { packet, revision, digest } = answer;
  const kept = { asker, answer: writeAnswer({ packet, revision, digest }) };
  await insertAnswers(tx, { answers: [kept], at: moment.now });
  return {
    answer,
    afterCommit() {
      desk.lineages.keep(folded);
      desk.announce([{ packet, revision }]);
    },
  };
}

/** What the ledger itself knows of an opening stands, whatever was decided. */
function complete(
  { exercise, train }: OpenRequest,
  decided: PacketOpened,
  known: { readonly packet: PacketId; readonly sources: Sources; readonly moment: SeenMoment },
): PacketOpened {
  const { frozen, generation } = known.moment.clock;
  const { packet, sources } = known;
  return { ...decided, packet, train, exercise, sources, clock: { frozen, generation } };
}

function draftOpening(
  desk: TrainDesk,
  { exercise, train, asker }: OpenRequest,
  fact: PacketOpened,
  moment: SeenMoment,
): { readonly draft: Draft; readonly folded: Folded } {
  const identity = {
    deployment: desk.deployment,
    packet: fact.packet,
    exercise,
    train,
    salt: desk.newSalt(),
  };
  const revised = openPacket({ fact, actor: causeOf(asker.actor), epoch: moment.epoch });
  return draftRevision(identity, null, revised, moment.now);
}

const TAKEN = {
  path: ["packet"],
  message: "must be an id that no packet has: prepare the signed entries anew, which gives one",
} as const;

/** False, after whoever else is about to take the id, where a packet has it already. */
async function writePacket(
  tx: Query,
  { at }: Draft,
  { identity, state }: Folded,
  { asker }: OpenRequest,
): Promise<boolean> {
  const { packet, exercise, train, salt } = identity;
  const written = await tx`
    INSERT INTO packet (id, exercise, train, preparer, succeeds, salt, opened_at)
    VALUES (${packet}, ${exercise}, ${train}, ${asker.actor.actor}, ${state.facts.succeeds},
      ${salt}, ${at})
    ON CONFLICT (id) DO NOTHING`;
  return written.count === 1;
}

async function writeOpening(
  tx: Query,
  draft: Draft,
  { identity, state, digest }: Folded,
): Promise<void> {
  const { packet, exercise, train } = identity;
  const { at } = draft;
  await tx`
    INSERT INTO revision ${revisionColumns(tx)}
    SELECT r.* FROM ${revisionRows(tx, { drafts: [draft], at })}`;
  await tx`
    INSERT INTO packet_head (packet, exercise, train, number, digest, status, closed, next_due)
    VALUES (${packet}, ${exercise}, ${train}, ${state.revision}, ${bytesOf(digest)},
      ${state.status}, ${state.closing !== null}, ${nextDue(state)})`;
}
