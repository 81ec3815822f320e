import { describe, expect, test } from "vitest";
import { prerequisiteStatus } from "#gate/view.ts";
import { bind, open, shown, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, confirmation, manifest } from "./reports.ts";
import { ARTIFACTS, digestOf, goodNews } from "./train.ts";

const app = `app ${digestOf("app")}`;
const other = digestOf("other");
const MISSING = `DIGEST_CONFIRMATION_MISSING ${app}`;
const STALE = `DIGEST_CONFIRMATION_STALE ${app}`;
const MISMATCH = `DIGEST_MISMATCH ${app}`;

function aboutApp(desk: Desk): string[] {
  return open(desk).filter((hold) => hold.includes(app));
}

describe("rule 4.1.8: digest confirmations", () => {
  test("are met when every artifact is confirmed newly enough and denied by nobody", () => {
    const unconfirmed = goodNews().filter((report) => report.kind !== "DIGEST_CONFIRMATION");
    const desk = new Desk([], unconfirmed);
    expect(open(desk)).toEqual(
      ARTIFACTS.map((name) => `DIGEST_CONFIRMATION_MISSING ${name} ${digestOf(name)}`),
    );
    expect(prerequisiteStatus(desk.state, "DIGEST_CONFIRMATION")).toBe("HELD");
    tell(
      desk,
      ARTIFACTS.map((name) => confirmation(name)),
    );
    expect(open(desk)).toEqual([]);
    expect(prerequisiteStatus(desk.state, "DIGEST_CONFIRMATION")).toBe("MET");
  });

  test("a confirmation counts at exactly its greatest age, and not one epoch later", () => {
    const desk = new Desk([ages({ digestMaxAge: 4n })]);
    desk.pass(4n);
    expect(open(desk)).toEqual([]);
    desk.pass(1n);
    expect(aboutApp(desk)).toEqual([STALE]);
    expect(desk.state.status).toBe("ON_HOLD");
  });

  test("another confirmer's fresh word is enough beside an aged one", () => {
    const desk = new Desk([ages({ digestMaxAge: 4n })]);
    desk.pass(3n);
    tell(desk, [confirmation("app")], "scout");
    desk.pass(2n);
    expect(aboutApp(desk)).toEqual([]);
  });

  test("one confirmer who found another digest is a mismatch, however many confirm", () => {
    const desk = new Desk();
    tell(desk, [confirmation("app", { observed: other })], "scout");
    expect(aboutApp(desk)).toEqual([MISMATCH]);
    tell(desk, [confirmation("app")]);
    expect(aboutApp(desk)).toEqual([MISMATCH]);
  });

  test("the only confirmer changing their mind leaves the artifact unconfirmed as well", () => {
    const desk = new Desk();
    tell(desk, [confirmation("app", { observed: other })]);
    expect(aboutApp(desk)).toEqual([MISSING, MISMATCH]);
    tell(desk, [confirmation("app")]);
    expect(aboutApp(desk)).toEqual([]);
  });

  test("rule 4.3.4: a mismatch never ages away", () => {
    const desk = new Desk([ages({ digestMaxAge: 2n })]);
    tell(desk, [confirmation("app", { observed: other })], "scout");
    desk.pass(10n);
    tell(desk, [confirmation("app")]);
    expect(aboutApp(desk)).toEqual([MISMATCH]);
  });

  test("a mismatch may stand beside a stale confirmation", () => {
    const desk = new Desk([ages({ digestMaxAge: 2n })]);
    tell(desk, [confirmation("app", { observed: other })], "scout");
    desk.pass(3n);
    expect(aboutApp(desk)).toEqual([STALE, MISMATCH]);
  });
});

describe("rule 4.3.3: an entry names the digest it speaks of", () => {
  test("after a re-freeze earlier confirmations are absent, not mismatched", () => {
    const desk = new Desk();
    desk.accept(manifest(ARTIFACTS, { app: "app-2" }));
    bind(desk);
    const reborn = `app ${digestOf("app-2")}`;
    const holds = open(desk).filter((hold) => hold.startsWith("DIGEST_"));
    expect(holds).toEqual([`DIGEST_CONFIRMATION_MISSING ${reborn}`]);
  });

  test("an earlier mismatch too is absent after the re-freeze", () => {
    const desk = new Desk();
    tell(desk, [confirmation("app", { observed: digestOf("app-2") })]);
    desk.accept(manifest(ARTIFACTS, { app: "app-2" }));
    const holds = open(desk).filter((hold) => hold.startsWith("DIGEST_"));
    expect(holds).toEqual([`DIGEST_CONFIRMATION_MISSING app ${digestOf("app-2")}`]);
    expect(desk.state.register.get(MISMATCH)?.status).toBe("OUT_OF_SCOPE");
  });

  test("freezing the first digest again makes its confirmations count again", () => {
    const desk = new Desk();
    desk.accept(manifest(ARTIFACTS, { app: "app-2" }));
    desk.accept(manifest(ARTIFACTS));
    bind(desk);
    expect(open(desk).filter((hold) => hold.startsWith("DIGEST_"))).toEqual([]);
  });

  test("a disagreement about another digest than the manifest's is absent as well", () => {
    const desk = new Desk();
    tell(desk, [confirmation("app", { digest: other })], "scout");
    expect(open(desk)).toEqual([]);
  });

  test("the newest word is chosen first: speaking of another digest unsays the earlier one", () => {
    const desk = new Desk();
    tell(desk, [confirmation("app", { digest: other, observed: other })]);
    expect(aboutApp(desk)).toEqual([MISSING]);
  });

  test("an unaccepted report is shown whatever digest it speaks of", () => {
    const desk = new Desk();
    tell(desk, [confirmation("app", { digest: other, observed: other })], "stranger");
    expect(shown(desk)).toContain("UNACCEPTED_REPORT DIGEST_CONFIRMATION app stranger");
  });
});
