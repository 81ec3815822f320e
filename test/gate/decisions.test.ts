import { describe, expect, test } from "vitest";
import {
  CredentialRevoked,
  DutiesNotSeparate,
  NotEntitled,
  NotTheOwner,
  SystemCannotDecide,
  UnknownPlacement,
  WrongStatus,
} from "#packet/refusal.ts";
import { decideReject, decideWithdraw } from "#gate/decide/approval.ts";
import { decideRelease, decideResubmit } from "#gate/decide/packet.ts";
import { openHolds } from "#gate/view.ts";
import {
  approve,
  askApproval,
  asking,
  named,
  open,
  owner,
  place,
  preparer,
  reject,
  release,
  resubmit,
  security,
  standing,
  tell,
  withdraw,
} from "./acts.ts";
import { Desk } from "./desk.ts";
import { revocation, unsealed } from "./reports.ts";
import { CONTENTS, person } from "./train.ts";

const robot = { ...owner, kind: "SYSTEM" as const };

function rejecting(desk: Desk, actor = owner) {
  return decideReject(desk.state, "not yet", asking(desk, actor));
}

function withdrawing(desk: Desk, actor = owner) {
  return decideWithdraw(desk.state, "over", asking(desk, actor));
}

describe("rule 5.3: the owner rejects", () => {
  test("in any open state: ready, held, escalated or approved", () => {
    const ready = new Desk();
    const held = new Desk();
    place(held);
    const escalated = new Desk();
    escalated.accept(CONTENTS.MANIFEST);
    const approved = new Desk();
    approve(approved);
    for (const desk of [ready, held, escalated, approved]) {
      reject(desk, "the bag looked opened");
      expect(open(desk)).toContain("APPROVAL_REJECTED PACKET");
      expect(standing(desk)).not.toBe("STANDING");
    }
  });

  test("rejecting an approved packet lapses the approval for good", () => {
    const desk = new Desk();
    approve(desk);
    reject(desk);
    expect([desk.state.status, standing(desk)]).toEqual(["ON_HOLD", "LAPSED"]);
    resubmit(desk);
    expect([desk.state.status, standing(desk)]).toEqual(["READY_FOR_APPROVAL", "LAPSED"]);
  });

  test("nobody else does, no system, and nobody whose credential is revoked", () => {
    const desk = new Desk();
    expect(rejecting(desk, security)).toBeInstanceOf(NotTheOwner);
    expect(rejecting(desk, robot)).toBeInstanceOf(SystemCannotDecide);
    tell(desk, [revocation(owner.actor)]);
    expect(rejecting(desk)).toBeInstanceOf(CredentialRevoked);
  });

  test("the owner is whom the newest lane names", () => {
    const desk = new Desk();
    desk.accept({ ...CONTENTS.APPROVAL_LANE, owner: "otto" });
    expect(rejecting(desk)).toBeInstanceOf(NotTheOwner);
    expect(rejecting(desk, person("otto", "APPROVAL_OWNER"))).toMatchObject({
      kind: "PACKET_REJECTED",
    });
  });

  test("rule 3.5: with the reason as the hold's sentence, cleared when a preparer answers", () => {
    const desk = new Desk();
    reject(desk, "the bag looked opened");
    expect(openHolds(desk.state)[0]?.why).toBe("the bag looked opened");
    reject(desk, "and the seal is another");
    expect(openHolds(desk.state)[0]).toMatchObject({ why: "and the seal is another", ordinal: 1 });
    resubmit(desk);
    expect(open(desk)).toEqual([]);
    expect(named(desk.head.cleared)).toEqual(["APPROVAL_REJECTED PACKET"]);
  });
});

describe("rule 3.5: a preparer resubmits with an answer", () => {
  test("only where a rejection waits", () => {
    const desk = new Desk();
    expect(decideResubmit(desk.state, "mended", asking(desk, preparer))).toBeInstanceOf(
      WrongStatus,
    );
  });

  test("and never the owner, who would answer themselves", () => {
    const desk = new Desk();
    reject(desk);
    expect(decideResubmit(desk.state, "mended", asking(desk, owner))).toBeInstanceOf(
      DutiesNotSeparate,
    );
  });

  test("which releases and weakens no other hold", () => {
    const desk = new Desk();
    tell(desk, [unsealed("north")]);
    place(desk);
    reject(desk);
    resubmit(desk);
    expect(open(desk)).toEqual(["ENCLAVE_UNSEALED north", "OPERATOR_HOLD 1"]);
  });
});

describe("rule 3.5: release security releases an operator hold", () => {
  test("by its number, with a reason, once", () => {
    const desk = new Desk();
    place(desk);
    expect(decideRelease(desk.state, 2, "settled")).toBeInstanceOf(UnknownPlacement);
    expect(decideRelease(desk.state, 0, "settled")).toBeInstanceOf(UnknownPlacement);
    release(desk, 1);
    expect(open(desk)).toEqual([]);
    expect(decideRelease(desk.state, 1, "settled")).toBeInstanceOf(UnknownPlacement);
  });

  test("which releases and weakens no other hold", () => {
    const desk = new Desk();
    tell(desk, [unsealed("north")]);
    place(desk);
    reject(desk);
    release(desk, 1);
    expect(open(desk)).toEqual(["APPROVAL_REJECTED PACKET", "ENCLAVE_UNSEALED north"]);
  });
});

describe("rule 5.3: only the owner or release security withdraws", () => {
  test("and the packet is closed for good", () => {
    for (const actor of [owner, security]) {
      expect(withdrawing(new Desk(), actor)).toEqual({ kind: "PACKET_WITHDRAWN", reason: "over" });
    }
    const desk = new Desk();
    approve(desk);
    withdraw(desk);
    expect([desk.state.status, desk.state.closing, standing(desk)]).toEqual([
      "CLOSED",
      "WITHDRAWN",
      "LAPSED",
    ]);
    expect(desk.accept(CONTENTS.MANIFEST)).toBeNull();
    expect(desk.pass(90n)).toEqual([]);
  });

  test("no preparer, no system, and nobody whose credential is revoked", () => {
    const desk = new Desk();
    expect(withdrawing(desk, preparer)).toBeInstanceOf(NotEntitled);
    expect(withdrawing(desk, robot)).toBeInstanceOf(SystemCannotDecide);
    tell(desk, [revocation(owner.actor)]);
    expect(withdrawing(desk)).toBeInstanceOf(CredentialRevoked);
    expect(withdrawing(desk, security)).toMatchObject({ kind: "PACKET_WITHDRAWN" });
  });

  test("reading 22: the closing revision keeps the register and the material as they were", () => {
    const desk = new Desk();
    place(desk);
    const { materialDigest } = desk.state;
    withdraw(desk);
    expect(open(desk)).toEqual(["OPERATOR_HOLD 1"]);
    expect(desk.state.materialDigest).toBe(materialDigest);
  });
});

describe("rule 3.1: the state is derived, in this order", () => {
  test("closed, escalated, on hold, approved, ready", () => {
    const desk = new Desk();
    expect(desk.state.status).toBe("READY_FOR_APPROVAL");
    approve(desk);
    expect(desk.state.status).toBe("APPROVED");
    place(desk);
    expect(desk.state.status).toBe("ON_HOLD");
    desk.accept(CONTENTS.MANIFEST);
    expect(desk.state.status).toBe("ESCALATED");
    withdraw(desk);
    expect(desk.state.status).toBe("CLOSED");
  });

  test("rule 5.3: a system account never approves, whatever its name", () => {
    const desk = new Desk();
    expect(askApproval(desk, 1, robot)).toMatchObject({
      code: "APPROVAL_REFUSED",
      reasons: [{ code: "SYSTEM_CANNOT_DECIDE" }],
    });
  });
});
