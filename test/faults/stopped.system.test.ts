import { describe, expect, test } from "vitest";
import { IVAN, OLGA } from "../workflow/cast.ts";
import { type Opened, accepted, approvalOf, newKey, openReady } from "../workflow/trains.ts";
import { VERBS } from "../workflow/verbs.ts";
import { DRIFTS } from "./drifts.ts";
import { pointStage } from "./pointStage.ts";
import { revisionIn } from "./races.ts";

const stage = pointStage();

describe("F03: a process that is stopped, as by a long pause of its memory's collector,", () => {
  /** Stops the process at a statement, lets others act, and lets it go on. */
  async function stopAt(
    statement: RegExp,
    moment: "BEFORE" | "ANSWERED",
    act: () => Promise<void>,
  ) {
    const { pid } = await stage.node();
    await stage.wire().arm({
      statement,
      moment,
      async happens() {
        process.kill(pid, "SIGSTOP");
        await act().finally(() => process.kill(pid, "SIGCONT"));
      },
    });
  }

  async function place(packet: Opened): Promise<void> {
    const input = { idempotencyKey: newKey(), packet: packet.packet, reason: "odd noise" };
    accepted((await VERBS.operatorHoldPlace.call(stage.desk(), IVAN, input)) as object);
  }

  test("between looking and writing approves nothing that was held meanwhile", async () => {
    const packet = await openReady(stage.desk(), "train-stopped");
    const stopped = stopAt(/^\s*WITH swapped AS/, "BEFORE", () => place(packet));
    const owner = await stage.node();
    const input = approvalOf(packet);
    const told = await owner.ask({ verb: "packetApprove", by: OLGA, input, thinkUs: 0 });
    await stopped;
    expect(told.outcome).toMatchObject({ done: false });
    await stage.isSound();
  });

  test("with locks is given up by the server, and what it asked for is judged anew", async () => {
    const packet = await openReady(stage.desk(), "train-locked");
    const drift = DRIFTS.find(({ name }) => name === "enclave unsealed");
    if (drift === undefined) throw new Error("no drift unseals an enclave");
    let meanwhile = 0;
    const stopped = stopAt(/^\s*INSERT INTO shared_report/, "ANSWERED", async () => {
      const { verb, by, input } = drift.happens(packet);
      const answer = await VERBS[verb].call(stage.desk(), by, input);
      const outcome = { done: true, answer } as const;
      const told = { id: 0, outcome, askedNs: "0", answeredNs: "0" };
      meanwhile = revisionIn(told, packet.packet) ?? 0;
    });
    const reporter = await stage.node();
    const told = await reporter.ask({ ...drift.happens(packet), thinkUs: 0 });
    await stopped;
    expect(meanwhile).toBe(packet.revision + 1);
    expect(revisionIn(told, packet.packet)).toBe(meanwhile + 1);
    await stage.isSound();
  });
});
