import { expect, test } from "vitest";
import { Readiness } from "#door/readiness.ts";

const sound = {
  isEmbedded: false,
  databaseRole: "APPEND_ONLY",
  moment: () => Promise.resolve({ doubt: null }),
  principalsFault: () => Promise.resolve(null),
  signersFault: () => Promise.resolve(null),
  oidcState: () => Promise.resolve(null),
  lineageDoubt: () => null,
  rateControl: () => Promise.resolve("NOT_CONTROLLED" as const),
  revocationsFault: () => null,
  isWitnessed: () => null,
  isRelayed: () => null,
} as const;

test("a server is ready when the database answers, the clock moves and principals are known", async () => {
  expect(await new Readiness(sound).check("SERVING")).toEqual({
    status: "READY",
    database: "EXTERNAL",
    databaseRole: "APPEND_ONLY",
    checks: {
      database: "OK",
      principals: "OK",
      signers: "OK",
      oidc: "NONE",
      clock: "OK",
      lineage: "OK",
      changeRate: "NOT_CONTROLLED",
      witness: "NONE",
      revocations: "OK",
      wakeUps: "IN_PROCESS",
    },
  });
});

test("a server on the embedded database says so", async () => {
  const answer = await new Readiness({ ...sound, isEmbedded: true }).check("SERVING");
  expect(answer.database).toBe("EMBEDDED");
});

test("a server whose role may change what was appended says so", async () => {
  const answer = await new Readiness({ ...sound, databaseRole: "UNRESTRICTED" }).check("SERVING");
  expect(answer).toMatchObject({ status: "READY", databaseRole: "UNRESTRICTED" });
});

test.each([
  [true, "REDIS"],
  [false, "DEGRADED"],
] as const)(
  "a server is ready with Redis there (%s) or away, and says which",
  async (isRelayed, wakeUps) => {
    const readiness = new Readiness({ ...sound, isRelayed: () => isRelayed });
    expect(await readiness.check("SERVING")).toMatchObject({
      status: "READY",
      checks: { wakeUps },
    });
  },
);

test.each(["OK", "KEPT", "NO_KEYS", "FAULTY"] as const)(
  "a server is ready whatever the keys of the identity provider are, and says it: %s",
  async (oidc) => {
    const readiness = new Readiness({ ...sound, oidcState: () => Promise.resolve(oidc) });
    expect(await readiness.check("SERVING")).toMatchObject({ status: "READY", checks: { oidc } });
  },
);

test("a frozen epoch is somebody's decision, and served", async () => {
  const moment = () => Promise.resolve({ doubt: "EPOCH_FROZEN" } as const);
  const { status, checks } = await new Readiness({ ...sound, moment }).check("SERVING");
  expect([status, checks.clock]).toEqual(["READY", "FROZEN"]);
});

test("an epoch that stalls is not", async () => {
  const moment = () => Promise.resolve({ doubt: "EPOCH_STALLED" } as const);
  const { status, checks } = await new Readiness({ ...sound, moment }).check("SERVING");
  expect([status, checks.clock]).toEqual(["NOT_READY", "STALLED"]);
});

test("neither is a server that lets nobody in", async () => {
  const principalsFault = () => Promise.resolve(new Error("the file is gone"));
  const answer = await new Readiness({ ...sound, principalsFault }).check("SERVING");
  expect(answer).toMatchObject({ status: "NOT_READY", checks: { principals: "FAULTY" } });
  expect(JSON.stringify(answer)).not.toContain("gone");
});

test("nor one whose database fails", async () => {
  const moment = () => Promise.reject(new Error("away"));
  expect(await new Readiness({ ...sound, moment }).check("SERVING")).toMatchObject({
    status: "NOT_READY",
    checks: { database: "NO_ANSWER", clock: "UNKNOWN" },
  });
});

test("a database that does not answer is not waited for, and asked once by all who want to know", async () => {
  let asked = 0;
  const moment = () => {
    asked += 1;
    return new Promise<never>(() => undefined);
  };
  const readiness = new Readiness({ ...sound, moment });
  const answers = await Promise.all(Array.from({ length: 20 }, () => readiness.check("SERVING")));
  expect(new Set(answers.map(({ checks }) => checks.database))).toEqual(new Set(["NO_ANSWER"]));
  expect(asked).toBe(1);
});

test("a server that drains is not ready, however sound it is", async () => {
  expect((await new Readiness(sound).check("DRAINING")).status).toBe("DRAINING");
});

test("a database that is not believed is told of, and read on", async () => {
  const lineageDoubt = () => "HEAD_WENT_BACK" as const;
  const { status, checks } = await new Readiness({ ...sound, lineageDoubt }).check("SERVING");
  expect([status, checks.lineage]).toEqual(["READY", "HEAD_WENT_BACK"]);
});

test.each([
  [true, "OK"],
  [false, "SILENT"],
])("whether a witness answers is told: %s", async (answers, told) => {
  const isWitnessed = () => answers;
  expect((await new Readiness({ ...sound, isWitnessed }).check("SERVING")).checks.witness).toBe(
    told,
  );
});
