import { describe, expect, test } from "vitest";
import type { EmergencyTerms } from "#packet/emergency.ts";
import { auditPlan } from "#recovery/emergency.ts";
import { readinessOf } from "#recovery/readiness.ts";

const responder = (person: string, changed: object = {}) => ({
  person,
  keys: [`SHA256:${"A".repeat(43)}`],
  provisionedEpoch: 100n,
  lifetimeEpochs: 500n,
  immediate: true,
  region: "east",
  ...changed,
});

const service = (name: string, ...dependsOn: string[]) => ({ service: name, dependsOn });
const path = (dependsOn: string[], replaces: string[]) => ({
  way: "console",
  wayKind: "ACCESS_PATH" as const,
  settings: ["10.0.0.5/24"],
  dependsOn,
  replaces,
});
const radio = {
  way: "radio",
  wayKind: "CHANNEL" as const,
  settings: [],
  dependsOn: [],
  replaces: ["chat"],
};

const SOUND: EmergencyTerms = {
  responders: [responder("ana"), responder("ben", { immediate: false })],
  immediateMax: 1,
  provisionEveryEpochs: 200n,
  longestOutageEpochs: 150n,
  regions: [{ region: "east", needs: [] }],
  ways: [path(["power"], ["sso"]), radio],
  services: [
    service("sso", "dns", "database"),
    service("chat", "sso"),
    service("dns"),
    service("database"),
    service("power"),
  ],
};

function found(changed: Partial<EmergencyTerms>, epoch = 120n): string[] {
  return auditPlan({ ...SOUND, ...changed }, epoch).map(
    ({ code, subject }) => `${code} ${subject}`,
  );
}

describe("the audit of a plan of emergency access", () => {
  test("finds nothing where everything holds", () => {
    expect(found({})).toEqual([]);
  });

  test("shows a path that needs what it replaces, over any number of services", () => {
    const services = [...SOUND.services, service("vpn", "directory"), service("directory", "sso")];
    const [gap, ...more] = auditPlan(
      { ...SOUND, ways: [path(["vpn"], ["sso"]), radio], services },
      120n,
    );
    expect(more).toEqual([]);
    expect(gap).toMatchObject({
      code: "FAILS_TOGETHER",
      subject: "console sso sso",
      chain: ["console", "vpn", "directory", "sso"],
      replacedChain: ["sso"],
    });
  });

  test("shows a channel that shares a dependency with what it replaces, with both chains", () => {
    const services = [...SOUND.services, service("pager", "dns")];
    const ways = [SOUND.ways[0] ?? radio, { ...radio, dependsOn: ["pager"] }];
    expect(auditPlan({ ...SOUND, ways, services }, 120n)).toMatchObject([
      {
        code: "FAILS_TOGETHER",
        subject: "radio chat dns",
        chain: ["radio", "pager", "dns"],
        replacedChain: ["chat", "sso", "dns"],
      },
    ]);
  });

  test("ends for services that need each other, and names each shared one once", () => {
    const services = [service("sso", "dns"), service("dns", "sso"), service("chat")];
    expect(found({ ways: [path(["dns"], ["sso"]), radio], services })).toEqual([
      "FAILS_TOGETHER console sso dns",
    ]);
  });

  test("takes what is not declared for a gap", () => {
    expect(
      found({
        ways: [path(["satellite"], ["sso", "badge"]), radio],
        services: [...SOUND.services, service("extra", "mystery")],
      }),
    ).toEqual([
      "UNDECLARED_SERVICE console satellite",
      "UNDECLARED_SERVICE console badge",
      "UNDECLARED_SERVICE extra mystery",
    ]);
  });

  test("misses an access path, or a channel", () => {
    expect(found({ ways: [radio] })).toEqual(["NO_WAY_OF_KIND ACCESS_PATH"]);
    expect(found({ ways: [path([], ["sso"])] })).toEqual(["NO_WAY_OF_KIND CHANNEL"]);
  });

  test("wants lifetimes longer than the longest outage, not just as long", () => {
    const of = (lifetimeEpochs: bigint) => ({ responders: [responder("ana", { lifetimeEpochs })] });
    expect(found(of(150n))).toEqual(["CREDENTIAL_TOO_SHORT ana"]);
    expect(found(of(151n), 100n)).toEqual([]);
    expect(found(of(151n), 101n)).toEqual([]);
    expect(found(of(151n), 102n)).toEqual(["CREDENTIAL_ENDS_IN_OUTAGE ana"]);
  });

  test("knows when credentials should have been handed out anew", () => {
    expect(found({}, 300n)).toEqual([]);
    expect(found({}, 301n)).toEqual(["PROVISIONING_OVERDUE ana", "PROVISIONING_OVERDUE ben"]);
  });

  test("wants somebody with immediate access in every region, and no more than allowed", () => {
    const regions = [
      { region: "east", needs: [] },
      { region: "west", needs: [] },
    ];
    expect(found({ regions })).toEqual(["REGION_WITHOUT_RESPONDER west"]);
    expect(found({ responders: [responder("ana"), responder("ben")] })).toEqual([
      "TOO_MANY_IMMEDIATE RESPONDERS",
    ]);
  });

  test("wants a region that can begin without another", () => {
    const regions = [
      { region: "east", needs: ["west"] },
      { region: "west", needs: ["east"] },
    ];
    const west = responder("cleo", { region: "west" });
    const responders = [responder("ana"), west];
    expect(found({ regions, responders, immediateMax: 2 })).toEqual([
      "NO_REGION_BEGINS_ALONE REGIONS",
    ]);
  });
});

describe("how ready somebody is", () => {
  const exercised = (observedEpoch: bigint) => ({
    kind: "EMERGENCY_EXERCISE" as const,
    person: "ana",
    how: "OFFLINE_SIGN_IN" as const,
    entry: "019a0000-0000-7000-8000-000000000001",
    reporter: "ana",
    reporterKind: "PERSON" as const,
    observedEpoch,
    recordedEpoch: observedEpoch,
    reportNumber: null,
  });
  const known = {
    person: "ana",
    responder: responder("ana"),
    lastExercise: exercised(110n),
    isRevoked: false,
    epoch: 130n,
  };

  test.each([
    ["READY", {}],
    ["READY", { epoch: 600n }],
    ["CREDENTIAL_ENDED", { epoch: 601n }],
    ["NEVER_EXERCISED", { lastExercise: null }],
    ["NOT_SINCE_PROVISIONED", { lastExercise: exercised(99n) }],
    ["CREDENTIAL_REVOKED", { isRevoked: true }],
    ["NOT_IN_PLAN", { responder: null }],
  ])("is %s", (state, changed) => {
    expect(readinessOf({ ...known, ...changed }).state).toBe(state);
  });

  test("tells how long ago the path was used", () => {
    expect(readinessOf(known).ageEpochs).toBe(20n);
    expect(readinessOf({ ...known, lastExercise: null }).ageEpochs).toBeNull();
  });
});
