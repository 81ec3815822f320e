import type { Actor } from "#packet/actor.ts";
import type { Report, ReportedKind } from "#packet/entry.ts";
import { Refusal } from "#packet/refusal.ts";
import type { ContentOf, SourceProposal } from "#packet/source.ts";
import { gateAnswer } from "#gate/answer.ts";
import { decideApprove } from "#gate/decide/approval.ts";
import { decideOpen, decideResubmit } from "#gate/decide/packet.ts";
import { confirmationDuties, decideSource } from "#gate/decide/source.ts";
import type { PacketState } from "#gate/state.ts";
import { advisories, openHolds } from "#gate/view.ts";
import {
  type Clock,
  advanceByHand,
  clockDoubt,
  freeze,
  startClock,
  tick,
} from "#recovery/clock.ts";
import { mapCalendar, mapWindow, mappingOf } from "#recovery/mapping.ts";
import { UNRECORDED, reported, rotate } from "#recovery/rollback.ts";
import { digestOfRevision } from "../gate/named.ts";
import { Desk, signed } from "../gate/desk.ts";
import {
  component,
  quarantine,
  revocation,
  rollbackScope,
  rotation,
  sighting,
} from "../gate/reports.ts";
import {
  CONTENTS,
  OWNER,
  calendar,
  digestOf,
  person,
  release,
  shift,
  sourcesWith,
  system,
} from "../gate/train.ts";

/** What random histories cannot ask: refusals of single wishes, and the clock. Each must hold. */

const epoch = 8n;
const asking = (actor: Actor) => ({ actor, epoch, doubt: null });

function isInadmissible(desk: Desk): boolean {
  return openHolds(desk.state).some(({ code }) => code === "ROLLBACK_INADMISSIBLE");
}

function isRefused(desk: Desk, reports: readonly Report[], reporter = "probe"): boolean {
  return desk.decideReports(reports, system(reporter)) instanceof Refusal;
}

const confirmed: Report = {
  kind: "DIGEST_CONFIRMATION",
  artifact: "app",
  digest: digestOf("app"),
  observed: digestOf("app"),
};

/** The usual reporters, of whom this kind asks for their signature. */
function askingForSignatures(kind: ReportedKind): ContentOf<"ACCEPTED_REPORTERS"> {
  const { accepted } = CONTENTS.ACCEPTED_REPORTERS;
  return {
    kind: "ACCEPTED_REPORTERS",
    accepted: accepted.map((item) => (item.kind === kind ? { ...item, signed: true } : item)),
  };
}

function opens(actor: string): boolean {
  const known = sourcesWith();
  const sources = { ...known, APPROVAL_LANE: { ...known.APPROVAL_LANE, proposedBy: "ruth" } };
  const train = { sources, openPacket: null, succeeds: null };
  const identity = {
    packet: "00000000-0000-7000-8000-000000000001",
    train: "train-1",
    exercise: false,
    clock: { frozen: false, generation: 0 },
  };
  const bindings = { TRUSTED_BRANCH: 1, MANIFEST: 1, REPRODUCIBILITY_POLICY: 1, ROLLBACK_SCOPE: 1 };
  const receiving = { ...asking(person(actor)), newId: () => identity.packet, reportNumber: null };
  const said = decideOpen(train, identity, { bindings, entries: [] }, receiving);
  return !(said instanceof Refusal);
}

const rate = { epochMs: 1000, tickGapMaxMs: 5000 };
const clock: Clock = startClock(0n, 0);
const mapping = mappingOf(clock, rate);

function accepts(proposal: SourceProposal, actor: string): boolean {
  return !(
    decideSource(sourcesWith(), proposal, mapping, asking(person(actor))) instanceof Refusal
  );
}

const at = (ms: number): string => new Date(ms).toISOString();

function windowOf(startMs: number, endMs: number): string {
  const said = mapWindow(
    { kind: "SHIPMENT_WINDOW", startsAt: at(startMs), endsAt: at(endMs) },
    mapping,
  );
  return said instanceof Refusal ? said.code : `${said.first}-${said.last}`;
}

function shiftsOf(...spans: readonly (readonly [number, number])[]): string {
  const shifts = spans.map(([start, end], index) => ({
    shift: `shift-${index}`,
    startsAt: at(start),
    endsAt: at(end),
  }));
  const said = mapCalendar({ kind: "SHIFT_CALENDAR", shifts, noSigning: [] }, mapping);
  if (said instanceof Refusal) return said.code;
  return said.shifts.map(({ first, last }) => `${first}-${last}`).join(" ");
}

const quorum = (signers: number): SourceProposal => ({
  ...CONTENTS.QUORUM_POLICY,
  seats: [
    { role: "SIGNER", count: signers },
    { role: "CUSTODIAN", count: 1 },
  ],
});

function rejected(): Desk {
  const desk = new Desk();
  desk.append({ kind: "PACKET_REJECTED", reason: "not yet" }, person(OWNER));
  return desk;
}

function approved(desk = new Desk()): PacketState {
  desk.pass(4n);
  const fact = { kind: "PACKET_APPROVED" as const, revision: 1, digest: digestOfRevision(1) };
  desk.append(fact, person(OWNER));
  return desk.state;
}

/** By rule, what must be so. */
export const DIRECTED: readonly (readonly [rule: string, isSo: () => boolean])[] = [
  [
    "4.3.2: now is not the future",
    () => !isRefused(new Desk(), [{ ...confirmed, observedEpoch: 8n }]),
  ],
  ["4.3.2: the next epoch is", () => isRefused(new Desk(), [{ ...confirmed, observedEpoch: 9n }])],
  [
    "reading 26: a signed report says when",
    () =>
      isRefused(new Desk(), [{ ...confirmed, signature: "signed" }]) &&
      !isRefused(new Desk(), [{ ...confirmed, observedEpoch: 8n, signature: "signed" }]),
  ],
  [
    "reading 26: a person's own word is asked for a signature, too",
    () => {
      const desk = new Desk([askingForSignatures("AVAILABILITY")]);
      const word = { kind: "AVAILABILITY" as const, person: "ana", shift: "early" };
      desk.report([{ ...word, status: "WITHDRAWN" }], "ana");
      return advisories(desk.state).some(({ subject }) => subject === "AVAILABILITY early ana ana");
    },
  ],
  [
    "reading 26: an unsigned word takes the place of no signed one",
    () => {
      const desk = new Desk([askingForSignatures("DIGEST_CONFIRMATION")]);
      desk.report([signed({ ...confirmed, observed: digestOf("other") }, desk.epoch)], "scout");
      desk.report([confirmed], "scout");
      return openHolds(desk.state).some(({ code }) => code === "DIGEST_MISMATCH");
    },
  ],
  [
    "4.1.11: a quarantine of a location selects the manifest's own artifact that was seen there",
    () => {
      const desk = new Desk();
      desk.report([quarantine({ by: "LOCATION", location: "mirror" })]);
      desk.report([sighting("app", "app", "mirror")]);
      return openHolds(desk.state).some(({ code }) => code === "MANIFEST_ARTIFACT_QUARANTINED");
    },
  ],
  [
    "5.5: revocation of the owner's credential makes the approval lapse",
    () => {
      const desk = new Desk();
      approved(desk);
      desk.report([revocation(OWNER)], "rex");
      return desk.state.approval?.standing === "LAPSED";
    },
  ],
  [
    "reading 27: an observation is its location's",
    () => {
      const { accepted } = CONTENTS.ACCEPTED_REPORTERS;
      const subjects = [{ reporter: "scout", subjects: ["mirror"] }];
      const limited = accepted.map((item) =>
        item.kind === "OBSERVATION" ? { ...item, subjects } : item,
      );
      const desk = new Desk([{ kind: "ACCEPTED_REPORTERS", accepted: limited }]);
      const seen = { kind: "OBSERVATION" as const, artifact: "app", digest: digestOf("other") };
      desk.report([{ ...seen, location: "mirror", status: "SEEN" }], "scout");
      return openHolds(desk.state).some(({ code }) => code === "ARTIFACT_NOT_QUARANTINED");
    },
  ],
  ["4.3.2: one subject once in a list", () => isRefused(new Desk(), [confirmed, confirmed])],
  [
    "4.3.1: only people of the roster commit",
    () =>
      isRefused(new Desk(), [
        { kind: "AVAILABILITY", person: "zoe", shift: "early", status: "COMMITTED" },
      ]),
  ],
  [
    "4.1.4: a component never refuses less than it did",
    () => {
      const desk = new Desk();
      const denied = [digestOf("r0")];
      const state = { kind: "COMPONENT_STATE" as const, component: "core", trustedKeys: [] };
      desk.report([{ ...state, floor: 2, denied }]);
      return (
        isRefused(desk, [{ ...state, floor: 3, denied: [] }]) &&
        isRefused(desk, [{ ...state, floor: 1, denied }]) &&
        !isRefused(desk, [{ ...state, floor: 2, denied }])
      );
    },
  ],
  [
    "4.1.4: no later report lowers a component's floor",
    () => {
      const desk = new Desk();
      desk.report([component(5)]);
      desk.report([component(0)], "scout");
      return isInadmissible(desk);
    },
  ],
  [
    "4.1.4: a key that is out comes back with no report",
    () => {
      const desk = new Desk([rollbackScope({ signedBy: ["key-1"] })]);
      desk.report([rotation({ mode: "SUDDEN" })]);
      desk.report([component(0, { trustedKeys: ["key-1"] })]);
      return isInadmissible(desk);
    },
  ],
  [
    "4.1.4: a key that is out is trusted by no later word of the component, before any release initialises",
    () => {
      const rotated = rotate(UNRECORDED, {
        mode: "SUDDEN",
        outgoing: "key-1",
        incoming: "key-2",
      });
      const word = { floor: 0, denied: [], trustedKeys: ["key-1"] };
      return reported(rotated, word).trustedKeys.length === 0;
    },
  ],
  [
    "4.1.4: in an overlap the patch carries both signatures, and when it ends the outgoing key goes",
    () => {
      const desk = new Desk([rollbackScope({ signedBy: ["key-1"] })]);
      desk.report([rotation()]);
      const isHeldBefore = isInadmissible(desk);
      const both = { ...release("r2", 5, 4), signedBy: ["key-1", "key-2"] };
      const trainReleases = [{ component: "core", release: both }];
      desk.accept(rollbackScope({ signedBy: ["key-1"] }, { trainReleases }));
      const isHeldWithBoth = isInadmissible(desk);
      desk.report([rotation({ mode: "OVERLAP_END" })]);
      return isHeldBefore && !isHeldWithBoth && isInadmissible(desk);
    },
  ],
  [
    "5.1: the digest named is the one recorded",
    () => {
      const recorded = { revision: 1, recordedDigest: digestOfRevision(1) };
      const named = { ...recorded, digest: digestOfRevision(2) };
      return decideApprove(new Desk().state, named, asking(person(OWNER))) instanceof Refusal;
    },
  ],
  [
    "3.5: a preparer answers a rejection, its owner does not",
    () => {
      const { state } = rejected();
      const answers = [person("pia"), person(OWNER)].map((actor) =>
        decideResubmit(state, "mended", asking(actor)),
      );
      return answers.map((answer) => answer instanceof Refusal).join() === "false,true";
    },
  ],
  [
    "2.2: the owner's own word about a shift does not count",
    () => {
      const desk = new Desk([{ ...CONTENTS.APPROVAL_LANE, owner: "ana" }]);
      const word = { kind: "AVAILABILITY" as const, person: "ana", shift: "early" };
      desk.report([{ ...word, status: "WITHDRAWN" }], "ana");
      return advisories(desk.state).some(({ subject }) => subject === "AVAILABILITY early ana ana");
    },
  ],
  ["2.1: a preparer opens", () => opens("pia")],
  ["2.1: the owner does not", () => !opens(OWNER)],
  ["2.1: nor who proposed the lane", () => !opens("ruth")],
  ["2.1: nor who confirmed it", () => !opens("uma")],
  [
    "2.1: one proposes a lane, another confirms it",
    () => confirmationDuties("ruth", asking(person("ruth"))) !== null,
  ],
  [
    "2.1: only the authority accepts",
    () => accepts(quorum(2), "uma") && !accepts(quorum(2), "pia"),
  ],
  ["4.2.6: four signers and a custodian sit", () => accepts(quorum(4), "uma")],
  ["4.2.6: five people cannot fill six seats", () => !accepts(quorum(5), "uma")],
  ["6.1: one second is enough", () => advanceByHand(clock, 1000) !== null],
  ["6.1: less is not", () => advanceByHand(clock, 999) === null],
  ["6.2: a tick is due on time", () => tick(clock, rate, 1000)?.change === null],
  [
    "6.2: but never sooner than the backstop",
    () => tick({ ...clock, steppedAt: 500, anchorAt: 0 }, rate, 1400) === null,
  ],
  ["6.5: a gap breaks the mapping", () => tick(clock, rate, 5001)?.change === "TICKER_GAP"],
  [
    "6.5: a clock that is behind does",
    () => tick({ ...clock, steppedAt: 1 }, rate, 0)?.change === "TICKER_GAP",
  ],
  ["6.5: freezing does", () => freeze(clock, 10).clock.generation === 1],
  [
    "6.5: a frozen epoch is in doubt",
    () => clockDoubt(freeze(clock, 10).clock, rate, 10) === "EPOCH_FROZEN",
  ],
  [
    "6.5: the gate is closed while the epoch is in doubt",
    () => gateAnswer(approved(), 12n, "EPOCH_STALLED").status === "CLOSED",
  ],
  ["5.7: and open when it is not", () => gateAnswer(approved(), 12n, null).status === "OPEN"],
  [
    "4.2.1: the gate is closed where nobody signs",
    () => {
      const pause = [{ first: 12n, last: 15n }];
      const shifts = [shift("early", 8n, 11n), shift("night", 16n, 24n)];
      const state = approved(new Desk([calendar(shifts, pause)]));
      return state.status === "APPROVED" && gateAnswer(state, 12n, null).status === "CLOSED";
    },
  ],
  ["6.3: a window demands what it touches", () => windowOf(1500, 3500) === "1-3"],
  ["6.3: and no more", () => windowOf(1000, 3000) === "1-2"],
  ["6.3: a shift covers what lies inside it", () => shiftsOf([1500, 3500]) === "2-2"],
  [
    "4.2.1: a shared epoch is the later shift's",
    () => shiftsOf([1000, 3500], [3500, 6000]) === "1-2 3-5",
  ],
];
