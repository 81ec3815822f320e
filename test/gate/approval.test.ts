import { describe, expect, test } from "vitest";
import { ApprovalRefused } from "#packet/refusal.ts";
import { decideApprove } from "#gate/decide/approval.ts";
import { waitingFor } from "#gate/review.ts";
import {
  approve,
  askApproval,
  asking,
  open,
  owner,
  place,
  reject,
  release,
  resubmit,
  security,
  standing,
  tell,
  withdraw,
} from "./acts.ts";
import { Desk } from "./desk.ts";
import {
  ages,
  commitment,
  confirmation,
  enclave,
  quarantine,
  byDigest,
  revocation,
  safeguard,
  withdrawal,
} from "./reports.ts";
import { digestOfRevision } from "./named.ts";
import { CONTENTS, person } from "./train.ts";

/** Why the approval of a revision is refused; nothing when it is accepted. */
function reasons(
  desk: Desk,
  ...asked: Parameters<typeof askApproval> extends [Desk, ...infer Rest] ? Rest : never
): string[] {
  const decided = askApproval(desk, ...asked);
  return decided instanceof ApprovalRefused ? decided.reasons.map((reason) => reason.code) : [];
}

describe("rule 5.1: an approval names the packet, a revision and its full digest", () => {
  test("and is accepted at a ready head from the owner whom the newest lane names", () => {
    const desk = new Desk();
    expect(askApproval(desk)).toEqual({
      kind: "PACKET_APPROVED",
      revision: 1,
      digest: digestOfRevision(1),
    });
    approve(desk);
    expect(desk.state.status).toBe("APPROVED");
    expect(desk.state.approval).toMatchObject({
      revision: 1,
      recordedIn: 2,
      approvedBy: owner.actor,
      approvedEpoch: 8n,
      standing: "STANDING",
    });
  });

  test.each([
    ["of another revision", 1, digestOfRevision(2)],
    ["cut short", 1, digestOfRevision(1).slice(0, 63)],
  ])("a digest %s is unknown", (_, revision, digest) => {
    const desk = new Desk();
    const named = { revision, digest, recordedDigest: digestOfRevision(revision) };
    expect(decideApprove(desk.state, named, asking(desk, owner))).toMatchObject({
      reasons: [{ code: "DIGEST_UNKNOWN" }],
    });
  });

  test("a revision that the ledger does not have is unknown", () => {
    const desk = new Desk();
    const named = { revision: 9, digest: digestOfRevision(9), recordedDigest: null };
    expect(decideApprove(desk.state, named, asking(desk, owner))).toMatchObject({
      reasons: [{ code: "DIGEST_UNKNOWN" }],
    });
  });

  test("a held packet is refused with every hold that is open", () => {
    const desk = new Desk();
    place(desk);
    desk.accept(CONTENTS.MANIFEST);
    const decided = askApproval(desk);
    expect(decided).toMatchObject({
      reasons: [
        {
          code: "HELD",
          holds: [
            { code: "MANIFEST_BINDING_STALE", subject: "MANIFEST" },
            { code: "OPERATOR_HOLD", subject: "1" },
          ],
        },
      ],
    });
  });

  test("somebody else than the owner is refused, release security too", () => {
    expect(reasons(new Desk(), 1, security)).toEqual(["NOT_THE_OWNER"]);
  });

  test("the owner of an earlier lane is no owner", () => {
    const desk = new Desk();
    desk.accept({ ...CONTENTS.APPROVAL_LANE, owner: "otto" });
    expect(reasons(desk)).toEqual(["NOT_THE_OWNER"]);
    expect(reasons(desk, 2, person("otto", "APPROVAL_OWNER"))).toEqual([]);
  });

  test("an owner whose credential is revoked is refused", () => {
    const desk = new Desk();
    tell(desk, [revocation(owner.actor)]);
    expect(reasons(desk)).toEqual(["CREDENTIAL_REVOKED"]);
  });

  test("a packet approved already is not approved again", () => {
    const desk = new Desk();
    approve(desk);
    expect(reasons(desk, 1)).toEqual(["ALREADY_APPROVED"]);
  });

  test("a closed packet is refused", () => {
    const desk = new Desk();
    withdraw(desk);
    expect(reasons(desk)).toEqual(["PACKET_CLOSED"]);
  });

  test("rule 6.5: while the epoch is frozen or stalls none is accepted", () => {
    expect(reasons(new Desk(), 1, owner, "EPOCH_FROZEN")).toEqual(["CLOCK_IN_DOUBT"]);
    expect(reasons(new Desk(), 1, owner, "EPOCH_STALLED")).toEqual(["CLOCK_IN_DOUBT"]);
  });

  test("every reason that failed is given at once", () => {
    const desk = new Desk();
    place(desk);
    tell(desk, [revocation("ana")]);
    const actor = { ...person("ana"), kind: "SYSTEM" as const };
    const named = { revision: 1, digest: digestOfRevision(9), recordedDigest: digestOfRevision(1) };
    const decided = decideApprove(desk.state, named, asking(desk, actor, "EPOCH_STALLED"));
    expect(
      decided instanceof ApprovalRefused ? decided.reasons.map(({ code }) => code) : [],
    ).toEqual([
      "SYSTEM_CANNOT_DECIDE",
      "NOT_THE_OWNER",
      "CREDENTIAL_REVOKED",
      "HELD",
      "DIGEST_UNKNOWN",
      "CLOCK_IN_DOUBT",
    ]);
  });
});

describe("rule 5.1: what happened since the revision that is named", () => {
  test("a mere refresh while the owner signs does not send them back", () => {
    const desk = new Desk();
    tell(desk, [
      confirmation("app"),
      commitment("ana", "late"),
      safeguard("REGISTRY_RELEASE", "ENGAGED"),
    ]);
    tell(desk, [enclave("north")]);
    expect(desk.state.revision).toBe(3);
    expect(reasons(desk, 1)).toEqual([]);
    approve(desk, 1);
    expect(desk.state.approval).toMatchObject({ revision: 1, recordedIn: 4 });
  });

  test("nor does a spare who withdraws, or an added quarantine", () => {
    const desk = new Desk();
    tell(desk, [withdrawal("eve", "late"), quarantine(byDigest("rogue"))]);
    expect(reasons(desk, 1)).toEqual([]);
  });

  test("a change of the material does", () => {
    const desk = new Desk();
    tell(desk, [withdrawal("ana", "late")]);
    expect(open(desk)).toEqual([]);
    expect(reasons(desk, 1)).toEqual(["STALE_REVISION"]);
    expect(reasons(desk, 2)).toEqual([]);
  });

  test("a hold that opened does, even one cleared since", () => {
    const desk = new Desk();
    place(desk);
    release(desk, 1);
    expect(reasons(desk, 1)).toEqual(["STALE_REVISION"]);
    expect(reasons(desk, 2)).toEqual([]);
    expect(reasons(desk, 3)).toEqual([]);
  });

  test("reading 21: the revision named need not itself have been ready, the head must", () => {
    const desk = new Desk();
    place(desk);
    release(desk, 1);
    approve(desk, 2);
    expect([desk.state.status, desk.state.approval?.revision]).toEqual(["APPROVED", 2]);
  });

  test("the refusal says which revision may be named now", () => {
    const desk = new Desk();
    tell(desk, [withdrawal("ana", "late")]);
    tell(desk, [confirmation("app")]);
    expect(askApproval(desk, 1)).toMatchObject({ reasons: [{ steadySince: 2 }] });
  });

  test("a material change undone is still a change", () => {
    const desk = new Desk();
    tell(desk, [safeguard("REGISTRY_RELEASE", "DISENGAGED")]);
    tell(desk, [safeguard("REGISTRY_RELEASE", "ENGAGED")]);
    expect(reasons(desk, 1)).toEqual(["STALE_REVISION"]);
  });

  test("shifts that end are no change of the material", () => {
    const desk = new Desk([ages()]);
    desk.pass(6n);
    tell(desk, [confirmation("app")]);
    expect(reasons(desk, 1)).toEqual([]);
  });
});

describe("rules 5.2 and 6.6: lapses that are due are written before a decision is judged", () => {
  test("evidence that aged out at this very epoch refuses the approval", () => {
    const desk = new Desk([ages({ digestMaxAge: 3n })]);
    desk.pass(3n);
    expect(reasons(desk, 1)).toEqual([]);
    desk.pass(1n);
    expect(desk.head.occurrence.fact.kind).toBe("EPOCH_REACHED");
    expect(reasons(desk, 1)).toEqual(["HELD", "STALE_REVISION"]);
  });
});

describe("rule 5.6: what the owner has yet to decide", () => {
  test("a rejected packet, answered and ready again, waits for a new approval", () => {
    const desk = new Desk();
    reject(desk);
    resubmit(desk);
    expect([desk.state.status, standing(desk)]).toEqual(["READY_FOR_APPROVAL", null]);
    expect(reasons(desk, 1)).toEqual(["STALE_REVISION"]);
    approve(desk);
    expect(desk.state.status).toBe("APPROVED");
  });

  test("it is in the owner's work list until decided, and only while it is ready", () => {
    const desk = new Desk();
    const decision = { what: "DECISION", who: "APPROVAL_OWNER", named: owner.actor, holds: 0 };
    expect(waitingFor(desk.state)).toEqual([decision]);
    place(desk);
    expect(waitingFor(desk.state)).toMatchObject([{ what: "CLEARING", who: "RELEASE_SECURITY" }]);
    release(desk, 1);
    expect(waitingFor(desk.state)).toEqual([decision]);
    approve(desk);
    expect(waitingFor(desk.state)).toEqual([]);
  });
});
