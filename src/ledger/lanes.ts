import type { Id, Name } from "#packet/name.ts";
import { Refusal, UnknownProposal } from "#packet/refusal.ts";
import { ApprovalLane } from "#packet/source.ts";
import { canonicalBytes } from "#proof/canonical.ts";
import { sha256 } from "#proof/digest.ts";
import { parseStored } from "#proof/readCanonical.ts";
import { type Acceptance, acceptSource } from "./acceptSource.ts";
import { arranged } from "./arranged.ts";
import { writeAnswer } from "./asker.ts";
import { sourceDigest } from "./bytes.ts";
import type {
  LaneConfirmRequest,
  LaneProposeRequest,
  ProposalAnswer,
  SourceAnswer,
} from "./ledger.ts";
import { type Query, readMoment } from "./moment.ts";
import type { TrainDesk } from "./desk.ts";
import { lockTrain, readTrain } from "./trains.ts";
import { transact } from "./transact.ts";
import { insertAnswers } from "./write.ts";
import { rowsOf } from "./rowsOf.ts";

/** A lane that waits, or waited, for a second person (rule 2.1). */
export interface LaneProposal {
  readonly lane: ApprovalLane;
  /** `sha256:` and hexadecimal digits. */
  readonly digest: string;
  readonly proposedBy: Name;
}

/** Records a proposed lane, which accepts nothing yet (rule 2.1). */
export async function proposeLane(
  desk: TrainDesk,
  request: LaneProposeRequest,
): Promise<ProposalAnswer | Refusal> {
  const { exercise, train, asker } = request;
  return transact<ProposalAnswer>(desk, asker, {
    lock: (tx) => lockTrain(tx, request),
    repeat: (answer) => ({ ...(answer as ProposalAnswer), repeated: true }),
    moved: () => [],
    async run({ tx }) {
      const moment = await readMoment(tx, desk.rate);
      const lane = request.decide(await readTrain(tx, desk.shelf, request, desk.newId()), moment);
      if (lane instanceof Refusal) return lane;
      const bytes = canonicalBytes(arranged(lane));
      const digest = sha256(bytes);
      const proposal = desk.newId();
      await tx`
        INSERT INTO lane_proposal (id, exercise, train, digest, content, proposed_by,
          proposed_epoch, proposed_at)
        VALUES (${proposal}, ${exercise}, ${train}, ${digest}, ${bytes}, ${asker.actor.actor},
          ${moment.epoch}, ${moment.now})`;
      const told = { proposal, digest: sourceDigest(digest) };
      const answers = [{ asker, answer: writeAnswer(told) }];
      await insertAnswers(tx, { answers, at: moment.now });
      return { answer: { ...told, repeated: false }, afterCommit: () => undefined };
    },
  });
}

/** Accepts the lane that another person proposed, as a source with both names (rule 2.1). */
export async function confirmLane(
  desk: TrainDesk,
  request: LaneConfirmRequest,
): Promise<SourceAnswer | Refusal> {
  return acceptSource(desk, request, async (tx, train, moment) => {
    const proposal = await readProposal(tx, request);
    if (proposal instanceof Refusal) return proposal;
    const refused = request.decide(train, proposal, moment);
    if (refused !== null) return refused;
    const { lane: content, proposedBy } = proposal;
    return { content, proposedBy, proposal: request.proposal } satisfies Acceptance;
  });
}

/** A proposal waits until it is confirmed, once, or until a lane is accepted that was proposed later. */
async function readProposal(
  tx: Query,
  request: LaneConfirmRequest,
): Promise<LaneProposal | UnknownProposal> {
  const { exercise, train, proposal, digest } = request;
  const [row] = await rowsOf(tx<
    { id: Id; content: Uint8Array; digest: Uint8Array; proposedBy: Name }[]
  >`
    SELECT p.id, p.content, p.digest, p.proposed_by AS "proposedBy" FROM lane_proposal AS p
    WHERE p.id = ${proposal} AND p.exercise = ${exercise} AND p.train = ${train}
      AND NOT EXISTS (
        SELECT FROM source AS s JOIN lane_proposal AS q ON q.id = s.proposal
        WHERE s.exercise = p.exercise AND s.train = p.train
          AND (q.proposed_at, q.id) >= (p.proposed_at, p.id))`);
  if (row === undefined || sourceDigest(row.digest) !== digest) return new UnknownProposal();
  const lane = ApprovalLane.parse(parseStored(row.content));
  return { lane, digest, proposedBy: row.proposedBy };
}
