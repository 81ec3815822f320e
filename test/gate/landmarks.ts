import { ApprovalStanding, PacketStatus } from "#packet/approval.ts";
import type { FactKind, Occurrence } from "#packet/fact.ts";
import { HoldCode } from "#packet/hold.ts";
import { ApprovalRefused } from "#packet/refusal.ts";
import { isAccepted } from "#gate/evidence.ts";
import type { Facts } from "#gate/state.ts";
import type { Desk } from "./desk.ts";
import { leavesScope } from "./endings.ts";

const FACTS: readonly FactKind[] = [
  "PACKET_OPENED",
  "SOURCE_ACCEPTED",
  "PACKET_BOUND",
  "ENTRIES_RECORDED",
  "OPERATOR_HOLD_PLACED",
  "OPERATOR_HOLD_RELEASED",
  "ESCALATION_ACKNOWLEDGED",
  "PACKET_APPROVED",
  "PACKET_REJECTED",
  "PACKET_RESUBMITTED",
  "PACKET_WITHDRAWN",
  "CLOCK_CHANGED",
  "EPOCH_REACHED",
];

const REFUSALS = [
  "HELD",
  "PACKET_CLOSED",
  "ALREADY_APPROVED",
  "STALE_REVISION",
  "NOT_THE_OWNER",
  "SYSTEM_CANNOT_DECIDE",
  "CREDENTIAL_REVOKED",
  "CLOCK_IN_DOUBT",
];

/** Everything that random histories must come by, or they prove nothing. */
const LANDMARKS: readonly string[] = [
  ...HoldCode.options.flatMap((code) => [
    `${code} opened`,
    `${code} cleared`,
    ...(leavesScope(code) ? [`${code} out of scope`] : []),
  ]),
  "a hold opened again once cleared",
  "a hold opened again once out of scope",
  ...PacketStatus.options,
  ...FACTS,
  ...REFUSALS.map((code) => `approval refused: ${code}`),
  "approval first STANDING",
  ...ApprovalStanding.options.map((standing) => `approval STANDING -> ${standing}`),
  ...ApprovalStanding.options.map((standing) => `approval SUSPENDED -> ${standing}`),
  "an entry without the signature that its kind asks for",
  "an entry with the signature that its kind asks for",
  "an entry outside its reporter's subjects",
  "approval LAPSED -> LAPSED",
  "approval LAPSED -> STANDING",
];

/** Which of them histories have come by so far. */
export class Landmarks {
  readonly #reached = new Set<string>();

  /** Notes where one history has been. */
  visit(desk: Desk): void {
    let before = "first";
    const ended = new Map<string, string>();
    for (const { state, occurrence, opened, cleared, outOfScope } of desk.revisions) {
      this.#reached.add(state.status).add(occurrence.fact.kind);
      for (const { code, subject } of opened) {
        this.#reached.add(`${code} opened`);
        this.#reached.add(`a hold opened again once ${ended.get(`${code} ${subject}`)}`);
      }
      for (const { code, subject, status } of [...cleared, ...outOfScope]) {
        const end = status === "CLEARED" ? "cleared" : "out of scope";
        this.#reached.add(`${code} ${end}`);
        ended.set(`${code} ${subject}`, end);
      }
      this.#visitEntries(state.facts, occurrence);
      if (state.approval === null) continue;
      this.#reached.add(`approval ${before} -> ${state.approval.standing}`);
      if (before === "first") this.#reached.add(`approval first ${state.approval.standing}`);
      before = state.approval.standing;
    }
    for (const { decided } of desk.attempts) {
      if (!(decided instanceof ApprovalRefused)) continue;
      for (const { code } of decided.reasons) this.#reached.add(`approval refused: ${code}`);
    }
  }

  /** Notes readings 26 and 27, where they decided whether an entry counts. */
  #visitEntries(facts: Facts, { fact }: Occurrence): void {
    if (fact.kind !== "ENTRIES_RECORDED") return;
    for (const entry of fact.entries) {
      const isAsked = facts.signedKinds.has(entry.kind);
      const has = entry.signature === undefined ? "without" : "with";
      if (isAsked) this.#reached.add(`an entry ${has} the signature that its kind asks for`);
      const subjects = facts.subjectsOfReporters.get(`${entry.kind} ${entry.reporter}`);
      if (subjects !== undefined && !isAccepted(facts, entry))
        this.#reached.add("an entry outside its reporter's subjects");
    }
  }

  /** What no history has come by yet. */
  unseen(): string[] {
    return LANDMARKS.filter((place) => !this.#reached.has(place));
  }
}
