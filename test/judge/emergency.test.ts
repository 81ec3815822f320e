import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import type { Occurrence } from "./shapes.ts";
import {
  accepts,
  contentOf,
  emergencyPlan,
  exercise,
  records,
  smallWorld,
  withSource,
} from "./world.ts";

const CODE = "EMERGENCY_ACCESS_UNEXERCISED";
const asking = (maxAgeEpochs: bigint, holds: boolean) => ({
  ...contentOf("APPROVAL_LANE"),
  emergencyAccess: { maxAgeEpochs, holds },
});

function at(history: readonly Occurrence[], epoch: bigint) {
  const happened = history.filter((occurrence) => occurrence.epoch <= epoch);
  const last = judge(happened, epoch).at(-1);
  const named = (refs: readonly { code: string; subject: string }[] = []): string[] =>
    refs.filter(({ code }) => code === CODE).map(({ subject }) => subject);
  return { open: named(last?.openHolds), shown: named(last?.advisories) };
}

test("rule 4.1.13: owner and responders hold until each has exercised, and again when it is too old", () => {
  const history = [
    withSource(smallWorld(), asking(3n, true)),
    records(2n, exercise("olga", 2n)),
    records(3n, emergencyPlan(3n, "ana", "ben")),
    records(4n, exercise("ana", 4n), exercise("ben", 4n, "ana")),
    records(5n, emergencyPlan(5n, "ana")),
  ];
  expect(at(history, 1n)).toEqual({ open: ["olga"], shown: [] });
  expect(at(history, 2n).open).toEqual([]);
  expect(at(history, 3n).open).toEqual(["ana", "ben"]);
  expect(at(history, 4n).open).toEqual(["ben"]);
  expect(at(history, 5n).open).toEqual([]);
  expect(at(history, 6n).open).toEqual(["olga"]);
});

test("rule 4.1.13: a lane that does not hold shows the same, and one that does not ask says nothing", () => {
  const history = [
    withSource(smallWorld(), asking(3n, false)),
    accepts(contentOf("APPROVAL_LANE"), 2, 2n),
  ];
  expect(at(history, 1n)).toEqual({ open: [], shown: ["olga"] });
  expect(at(history, 2n)).toEqual({ open: [], shown: [] });
});
