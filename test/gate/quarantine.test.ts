import { describe, expect, test } from "vitest";
import { openHolds } from "#gate/view.ts";
import { bind, named, open, shown, tell } from "./acts.ts";
import { Desk } from "./desk.ts";
import { ages, byDigest, manifest, quarantine, sighting } from "./reports.ts";
import { ARTIFACTS, digestOf } from "./train.ts";

const rogue = `ARTIFACT_NOT_QUARANTINED app ${digestOf("rogue")}`;
const lib = `ARTIFACT_NOT_QUARANTINED lib ${digestOf("lib")}`;
const own = `MANIFEST_ARTIFACT_QUARANTINED app ${digestOf("app")}`;
const mirror = { by: "LOCATION", location: "mirror" } as const;
const firstManifest = { by: "MANIFEST", version: 1 } as const;

function aboutQuarantine(desk: Desk): string[] {
  return open(desk).filter((hold) => hold.includes("QUARANTINE"));
}

/** The rogue artifact was seen at the mirror. */
function seen(): Desk {
  const desk = new Desk([ages()]);
  tell(desk, [sighting("app", "rogue", "mirror")]);
  return desk;
}

/** The newest manifest no longer has lib. */
function dropped(): Desk {
  const desk = new Desk([ages()]);
  desk.accept(manifest(["app", "tool"]));
  bind(desk);
  return desk;
}

describe("rule 4.1.11: every artifact observed outside the frozen manifest is quarantined", () => {
  test("an observed artifact of the manifest itself is no concern", () => {
    const desk = new Desk();
    tell(desk, [sighting("app", "app", "mirror")]);
    expect(open(desk)).toEqual([]);
  });

  test("a manifest name with another digest is outside", () => {
    expect(open(seen())).toEqual([rogue]);
  });

  test("an unknown name with a manifest's digest is outside", () => {
    const desk = new Desk();
    tell(desk, [sighting("alias", "app", "mirror")]);
    expect(open(desk)).toEqual([`ARTIFACT_NOT_QUARANTINED alias ${digestOf("app")}`]);
  });

  test.each([
    ["its digest", byDigest("rogue")],
    ["its location", mirror],
  ])("a quarantine in force of %s selects it", (_, selector) => {
    const desk = seen();
    tell(desk, [quarantine(selector)]);
    expect(open(desk)).toEqual([]);
    tell(desk, [quarantine(selector, "LIFTED")]);
    expect(open(desk)).toEqual([rogue]);
  });

  test("at every location where it was seen", () => {
    const desk = seen();
    tell(desk, [sighting("app", "rogue", "cache")]);
    tell(desk, [quarantine(mirror)]);
    expect(open(desk)).toEqual([rogue]);
    expect(openHolds(desk.state)[0]?.why).toContain("at cache");
    tell(desk, [quarantine({ by: "LOCATION", location: "cache" })]);
    expect(open(desk)).toEqual([]);
  });

  test("gone from everywhere, it needs no quarantine", () => {
    const desk = seen();
    tell(desk, [sighting("app", "rogue", "cache")]);
    tell(desk, [sighting("app", "rogue", "mirror", "GONE")]);
    expect(open(desk)).toEqual([rogue]);
    tell(desk, [sighting("app", "rogue", "cache", "GONE")]);
    expect(open(desk)).toEqual([]);
  });

  test("an absence counts at exactly its greatest age, one epoch later it counts as seen", () => {
    const desk = new Desk([ages({ absenceMaxAge: 3n })]);
    tell(desk, [sighting("app", "rogue", "mirror", "GONE")]);
    desk.pass(3n);
    expect(open(desk)).toEqual([]);
    desk.pass(1n);
    expect(open(desk)).toEqual([rogue]);
  });

  test("a quarantine counts at exactly its greatest age, one epoch later as none", () => {
    const desk = new Desk([ages({ quarantineMaxAge: 3n })]);
    tell(desk, [sighting("app", "rogue", "mirror"), quarantine(byDigest("rogue"))]);
    desk.pass(3n);
    expect(open(desk)).toEqual([]);
    desk.pass(1n);
    expect(open(desk)).toEqual([rogue]);
    expect(shown(desk).filter((item) => item.startsWith("QUARANTINE_IN_FORCE"))).toEqual([]);
  });

  test("rule 4.3.4: what was seen does not go away by ageing", () => {
    const desk = new Desk([ages({ absenceMaxAge: 1n })]);
    tell(desk, [sighting("app", "rogue", "mirror")]);
    desk.pass(12n);
    expect(open(desk)).toEqual([rogue]);
  });
});

describe("rule 4.1.11: no artifact of the manifest is quarantined", () => {
  test("neither by its digest", () => {
    const desk = new Desk();
    tell(desk, [quarantine(byDigest("app"))]);
    expect(open(desk)).toEqual([own]);
  });

  test("nor by a location where it is seen", () => {
    const desk = new Desk();
    tell(desk, [quarantine(mirror)]);
    expect(open(desk)).toEqual([]);
    tell(desk, [sighting("app", "app", "mirror")]);
    expect(open(desk)).toEqual([own]);
    tell(desk, [sighting("app", "app", "mirror", "GONE")]);
    expect(open(desk)).toEqual([]);
  });

  test("two names of one digest are both quarantined by it", () => {
    const desk = new Desk([manifest(["app", "lib"], { lib: "app" })]);
    tell(desk, [quarantine(byDigest("app"))]);
    expect(aboutQuarantine(desk)).toEqual([
      own,
      `MANIFEST_ARTIFACT_QUARANTINED lib ${digestOf("app")}`,
    ]);
  });

  test("an aged quarantine that selects a manifest artifact still holds: only lifting ends it", () => {
    const desk = new Desk([ages({ quarantineMaxAge: 1n })]);
    tell(desk, [quarantine(byDigest("app"))]);
    desk.pass(5n);
    expect(open(desk)).toEqual([own]);
    tell(desk, [quarantine(byDigest("app"), "LIFTED")]);
    expect(open(desk)).toEqual([]);
  });

  test("a re-freeze may take in what is quarantined, which then holds", () => {
    const desk = new Desk([ages()]);
    tell(desk, [quarantine(byDigest("rogue"))]);
    desk.accept(manifest(ARTIFACTS, { app: "rogue" }));
    expect(aboutQuarantine(desk)).toContain(
      `MANIFEST_ARTIFACT_QUARANTINED app ${digestOf("rogue")}`,
    );
  });
});

describe("rule 4.2.4: what a new manifest drops counts as observed outside it", () => {
  test("and holds until it is quarantined by digest or by the earlier manifest", () => {
    for (const selector of [byDigest("lib"), firstManifest]) {
      const desk = dropped();
      expect(open(desk)).toEqual([lib]);
      tell(desk, [quarantine(selector)]);
      expect(open(desk)).toEqual([]);
    }
  });

  test("a location alone does not cover it, for it may be anywhere", () => {
    const desk = dropped();
    tell(desk, [sighting("lib", "lib", "mirror"), quarantine(mirror)]);
    expect(open(desk)).toEqual([lib]);
  });

  test("a word that it is gone from one place does not either", () => {
    const desk = dropped();
    tell(desk, [sighting("lib", "lib", "mirror", "GONE")]);
    expect(open(desk)).toEqual([lib]);
  });

  test("until a later manifest has it again", () => {
    const desk = dropped();
    desk.accept(manifest(ARTIFACTS));
    expect(aboutQuarantine(desk)).toEqual([]);
    expect(named(desk.head.outOfScope)).toEqual([lib]);
  });

  test("another digest under the name is a drop of the first", () => {
    const desk = new Desk([ages()]);
    desk.accept(manifest(ARTIFACTS, { lib: "lib-2" }));
    expect(aboutQuarantine(desk)).toEqual([lib]);
  });

  test("what was dropped two manifests ago still counts", () => {
    const desk = dropped();
    desk.accept(manifest(["app"]));
    expect(aboutQuarantine(desk)).toEqual([
      lib,
      `ARTIFACT_NOT_QUARANTINED tool ${digestOf("tool")}`,
    ]);
    tell(desk, [quarantine(firstManifest)]);
    expect(aboutQuarantine(desk)).toEqual([]);
  });

  test("'a manifest without the newest' selects nothing that the newest has", () => {
    const desk = dropped();
    tell(desk, [quarantine(firstManifest), sighting("app", "app", "mirror")]);
    expect(open(desk)).toEqual([]);
    tell(desk, [quarantine({ by: "MANIFEST", version: 2 })]);
    expect(open(desk)).toEqual([]);
  });
});

describe("rule 4.2.4: a quarantine in force does not block", () => {
  test("it is shown, so that the reviewer sees what is kept out", () => {
    const desk = new Desk();
    tell(desk, [quarantine(byDigest("rogue")), quarantine(mirror), quarantine(firstManifest)]);
    expect(open(desk)).toEqual([]);
    expect(shown(desk)).toEqual([
      `QUARANTINE_IN_FORCE DIGEST ${digestOf("rogue")}`,
      "QUARANTINE_IN_FORCE LOCATION mirror",
      "QUARANTINE_IN_FORCE MANIFEST 1",
    ]);
  });

  test("later observations that it selects open nothing", () => {
    const desk = new Desk();
    tell(desk, [quarantine(byDigest("rogue"))]);
    const revised = tell(desk, [
      sighting("app", "rogue", "cache"),
      sighting("backdoor", "rogue", "mirror"),
    ]);
    expect(revised.opened).toEqual([]);
    expect(desk.state.status).toBe("READY_FOR_APPROVAL");
  });

  test("rule 2.2: a stranger's quarantine keeps nothing out and is shown as unaccepted", () => {
    const desk = seen();
    tell(desk, [quarantine(byDigest("rogue"))], "stranger");
    expect(open(desk)).toEqual([rogue]);
    expect(shown(desk)).toEqual([
      `UNACCEPTED_REPORT QUARANTINE DIGEST ${digestOf("rogue")} stranger`,
    ]);
  });
});
