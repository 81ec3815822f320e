import { beforeAll, describe, expect, test } from "vitest";
import { sha256Hex } from "#proof/digest.ts";
import { epochFreeze } from "#workflow/epochFreeze.ts";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { RUTH } from "../workflow/cast.ts";
import { emergencyPlan } from "../gate/reports.ts";
import { accepted, newKey, onWire, openReady } from "../workflow/trains.ts";
import { served } from "./served.ts";

const server = served(freshDatabase());

beforeAll(async () => {
  await openReady(server.desk, "design");
});

interface Told {
  readonly exercise: boolean;
  readonly epoch: string;
  readonly markdown: string;
  readonly digest: string;
}

const DESIGN = `query ($exercise: Boolean!) {
  recoveryDesign(exercise: $exercise) { exercise epoch markdown digest }
}`;

async function design(exercise = false): Promise<Told> {
  const { data, errors } = await server.ask(RUTH, DESIGN, { exercise });
  expect(errors).toEqual([]);
  return data?.["recoveryDesign"] as Told;
}

describe("the recovery design document", () => {
  test("is written from live state, and its digest is that of its text", async () => {
    const { markdown, digest, exercise } = await design();
    expect(exercise).toBe(false);
    expect(sha256Hex(markdown)).toBe(digest);
    expect(markdown).toContain("(train `design`, packet `");
    expect(markdown).toMatch(/^# Recovery design\n/);
  });

  test("has a component as it was declared, with its deviations and their repairs", async () => {
    const [component] = await server.desk.ledger.components(false);
    expect((await design()).markdown).toContain(
      `Components and intended state: nobody has declared what \`${component}\` is meant to be`,
    );
    const intended = {
      release: "core-12",
      digest: `sha256:${"12".repeat(32)}`,
      floor: 3,
      denied: [],
      trustedKeys: ["release-key"],
    };
    const entries = [
      { kind: "COMPONENT_DECLARATION", component, componentKind: "SYSTEM", intended },
    ];
    const wish = { idempotencyKey: newKey(), exercise: false, entries };
    accepted(await sharedRecord(server.desk, RUTH, wish));
    const { markdown } = await design();
    expect(markdown).toContain(`- \`${component}\`: SYSTEM\n  - release \`core-12\``);
    expect(markdown).toContain(`Open deviations: \`${component}\` deviates: UNREPORTED`);
    expect(markdown).toContain("  - repair: `report its state, from outside");
    expect(markdown).toMatch(/is held: ROLLBACK_COMPONENT_DEVIATION/);
  });

  test("the document of exercises knows nothing of what is real", async () => {
    const { markdown } = await design(true);
    expect(markdown).toMatch(/^# Recovery design \(EXERCISE\)\n/);
    expect(markdown).not.toContain("`design`");
  });

  test("has the plan of emergency access with what its audit finds, and who is not ready", async () => {
    expect((await design()).markdown).toContain("- Emergency access: there is no plan");
    const ways: Parameters<typeof emergencyPlan>[1] = {
      ways: [
        {
          way: "console",
          wayKind: "ACCESS_PATH",
          settings: [],
          dependsOn: ["dns"],
          replaces: ["sso"],
        },
        { way: "radio", wayKind: "CHANNEL", settings: [], dependsOn: [], replaces: ["chat"] },
      ],
    };
    const entries = [onWire(emergencyPlan(["olga", "ruth"], ways))];
    const wish = { idempotencyKey: newKey(), exercise: false, entries };
    accepted(await sharedRecord(server.desk, RUTH, wish));
    const { markdown } = await design();
    expect(markdown).toContain("- ACCESS_PATH `console` replaces `sso`, needs `dns`");
    expect(markdown).toContain("by `console` -> `dns`");
    expect(markdown).toContain("`olga` is not ready for the emergency path: NEVER_EXERCISED");
    expect(markdown).toContain("`olga`, who approves for train `design`, cannot sign in offline");
  });

  test("follows what changes: a revoked credential, a frozen epoch", async () => {
    const before = await design();
    expect(before.markdown).toContain("whom open packets depend on: none");
    const entries = [{ kind: "CREDENTIAL_REVOCATION", person: "eve" }];
    const wish = { idempotencyKey: newKey(), exercise: false, entries };
    accepted(await sharedRecord(server.desk, RUTH, wish));
    const stop = { idempotencyKey: newKey(), reason: "a clock is not to be trusted" };
    accepted(await epochFreeze(server.desk, RUTH, stop));
    const after = await design();
    expect(after.digest).not.toBe(before.digest);
    expect(after.markdown).toContain("whom open packets depend on: `eve`");
    expect(after.markdown).toContain("the epoch is in doubt (EPOCH_FROZEN): every gate is CLOSED");
  });
});
