import { causeOf } from "#packet/fact.ts";
import type { Id, Name } from "#packet/name.ts";
import { Refusal } from "#packet/refusal.ts";
import type { AcceptedSource, SourceContent, SourceReceipt, Sources } from "#packet/source.ts";
import { sharedSubjects, subjectKey } from "#gate/dependencies.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { sha256 } from "#proof/digest.ts";
import { arranged } from "./arranged.ts";
import { writeAnswer } from "./asker.ts";
import { sourceDigest } from "./bytes.ts";
import { type Extended, extendHeads } from "./extendHeads.ts";
import { receiptOf } from "./factForm.ts";
import type { SourceAnswer, SourceRequest, TrainState } from "./ledger.ts";
import { type Query, type SeenMoment, readMoment } from "./moment.ts";
import type { TrainDesk } from "./desk.ts";
import { lockSubjects, readReports, rememberDependencies } from "./subjects.ts";
import { isComplete, lockTrain, readTrain } from "./trains.ts";
import { type Concluded, type Work, transact } from "./transact.ts";
import { insertAnswers } from "./write.ts";

/** What was decided to be accepted. */
export interface Acceptance {
  readonly content: SourceContent;
  readonly proposedBy: Name | null;
  /** The proposal that is confirmed by it. */
  readonly proposal: Id | null;
}

/** How an acceptance is decided, in its transaction. */
export type DecideAcceptance = (
  tx: Query,
  train: TrainState,
  moment: SeenMoment,
) => Promise<Acceptance | Refusal>;

/** Accepts the next version of a source; the train's open packet gets its revision with it. */
export async function acceptSource(
  desk: TrainDesk,
  request: Pick<SourceRequest, "exercise" | "train" | "asker">,
  decide: DecideAcceptance,
): Promise<SourceAnswer | Refusal> {
  return transact<SourceAnswer>(desk, request.asker, {
    lock: (tx) => lockTrain(tx, request),
    repeat: repeatedAnswer,
    moved: ({ appended }) => (appended === null ? [] : [appended]),
    run: (work) => accept(desk, work, request, decide),
  });
}

async function accept(
  desk: TrainDesk,
  work: Work,
  request: Pick<SourceRequest, "exercise" | "train" | "asker">,
  decide: DecideAcceptance,
): Promise<Concluded<SourceAnswer> | Refusal> {
  const { tx } = work;
  const { asker } = request;
  const train = await readTrain(tx, desk.shelf, request, desk.newId());
  const moment = await readMoment(tx, desk.rate);
  const acceptance = await decide(tx, train, moment);
  if (acceptance instanceof Refusal) return acceptance;
  const source = await writeSource(tx, request, train, acceptance, moment);
  const extended = await tellOpenPacket(desk, work, train, { source, moment, asker });
  const [appended = null] = extended?.appended ?? [];
  const receipt = receiptOf(source);
  const answer = writeAnswer({ source: receipt, appended });
  await insertAnswers(tx, { answers: [{ asker, answer }], at: moment.now });
  return {
    answer: { source: receipt, appended, repeated: false },
    afterCommit() {
      desk.shelf.keep(source.digest, source.content);
      extended?.afterCommit();
    },
  };
}

async function writeSource(
  tx: Query,
  { exercise, train, asker }: Pick<SourceRequest, "exercise" | "train" | "asker">,
  { sources }: TrainState,
  { content, proposedBy, proposal }: Acceptance,
  moment: SeenMoment,
): Promise<AcceptedSource> {
  const { kind } = content;
  const bytes = canonicalBytes(arranged(content));
  const digest = sha256(bytes);
  const version = (sources[kind]?.version ?? 0) + 1;
  const acceptedBy = asker.actor.actor;
  await tx`
    INSERT INTO source (exercise, train, kind, version, digest, content, accepted_by, proposed_by,
      proposal, accepted_epoch, accepted_at)
    VALUES (${exercise}, ${train}, ${kind}, ${version}, ${digest}, ${bytes}, ${acceptedBy},
      ${proposedBy}, ${proposal}, ${moment.epoch}, ${moment.now})`;
  const receipt: SourceReceipt = {
    kind,
    version,
    digest: sourceDigest(digest),
    acceptedBy,
    proposedBy,
    acceptedEpoch: moment.epoch,
  };
  return { ...receipt, content };
}

/** Subjects before heads, as everywhere: the packet reads the reports on what it newly depends on under their locks. */
async function tellOpenPacket(
  desk: TrainDesk,
  work: Work,
  train: TrainState,
  told: {
    readonly source: AcceptedSource;
    readonly moment: SeenMoment;
    readonly asker: SourceRequest["asker"];
  },
): Promise<Extended | null> {
  const { openPacket, sources, exercise } = train;
  if (openPacket === null || !isComplete(sources)) return null;
  const { tx } = work;
  const { source, moment, asker } = told;
  const now: Sources = { ...sources, [source.kind]: source };
  const before = new Set(sharedSubjects(sources).map(subjectKey));
  const subjects = sharedSubjects(now).filter((subject) => !before.has(subjectKey(subject)));
  await lockSubjects(tx, { exercise, subjects }, "DEPEND");
  const entries = await readReports(tx, { exercise, subjects });
  await rememberDependencies(tx, openPacket, subjects);
  return extendHeads(desk, work, {
    packets: [openPacket],
    actor: causeOf(asker.actor),
    moment,
    fact: () => ({ kind: "SOURCE_ACCEPTED", source, entries }),
  });
}

function repeatedAnswer(stored: unknown): SourceAnswer {
  const { source, appended } = stored as {
    source: Omit<SourceReceipt, "acceptedEpoch"> & { acceptedEpoch: string };
    appended: SourceAnswer["appended"];
  };
  return {
    source: { ...source, acceptedEpoch: BigInt(source.acceptedEpoch) },
    appended: appended === null ? null : { ...appended, repeated: true },
    repeated: true,
  };
}
