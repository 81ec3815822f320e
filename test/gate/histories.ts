import fc from "fast-check";
import { SourceKind } from "#packet/source.ts";
import { Desk } from "./desk.ts";
import {
  type Happening,
  accept,
  acceptAny,
  acknowledge,
  approve,
  availability,
  bind,
  breakClock,
  component,
  confirm,
  custody,
  declare,
  enclave,
  initialised,
  exerciseEmergency,
  lateNews,
  observe,
  pass,
  place,
  planEmergency,
  quarantine,
  rebuild,
  refresh,
  reject,
  release,
  repairOne,
  reseal,
  resubmit,
  retireOne,
  revoke,
  safeguard,
  settle,
  withdraw,
  rotated,
} from "./happenings.ts";
import { type Numbers, pick } from "./sourceVariants.ts";
import { goodNews } from "./train.ts";

/** One random step: what happens, and three numbers that it reads as it likes. */
export interface Step extends Numbers {
  readonly act: number;
}

/** A random history: how it starts, and what happens then. */
export interface Script {
  readonly start: Step;
  readonly steps: readonly Step[];
}

function often(times: number, happening: Happening): Happening[] {
  return Array.from({ length: times }, () => happening);
}

const DRIFT = [
  confirm,
  rebuild,
  availability,
  custody,
  enclave,
  reseal,
  safeguard,
  observe,
  quarantine,
  lateNews,
];

/** Time passes and evidence is renewed: approvals live long enough to be suspended and to stand again. */
const QUIET: readonly Happening[] = [
  ...often(9, pass),
  ...often(4, approve),
  ...often(2, refresh),
  ...often(3, repairOne),
  settle,
  retireOne,
  confirm,
  safeguard,
  enclave,
  lateNews,
];

/** What drifts by itself, and what people do about it. */
const CALM: readonly Happening[] = [
  ...often(13, pass),
  ...DRIFT,
  ...DRIFT,
  ...often(3, refresh),
  ...often(4, repairOne),
  ...often(3, retireOne),
  ...often(2, settle),
  ...often(6, approve),
  ...often(2, reject),
  ...often(2, resubmit),
  place,
  release,
  acknowledge,
  revoke,
  bind,
];

/** The same with everything else that can happen. */
const STORM: readonly Happening[] = [
  ...often(18, pass),
  ...DRIFT,
  ...DRIFT,
  ...often(3, refresh),
  ...often(6, repairOne),
  ...often(5, retireOne),
  ...often(4, settle),
  ...often(6, approve),
  ...SourceKind.options.map(accept),
  reject,
  ...often(2, resubmit),
  ...often(2, place),
  ...often(2, release),
  acknowledge,
  withdraw,
  revoke,
  component,
  component,
  declare,
  initialised,
  rotated,
  accept("APPROVAL_LANE"),
  planEmergency,
  exerciseEmergency,
  exerciseEmergency,
  bind,
  breakClock,
];

/** Upstream has not settled: sources change, and what rests on them is brought in order again. */
const UNSETTLED: readonly Happening[] = [
  ...often(5, pass),
  ...SourceKind.options.map(accept),
  ...often(2, accept("ROLLBACK_SCOPE")),
  ...often(2, accept("MANIFEST")),
  ...often(3, component),
  ...often(2, declare),
  ...often(2, initialised),
  ...often(2, rotated),
  planEmergency,
  ...often(2, exerciseEmergency),
  ...often(2, custody),
  ...often(3, availability),
  ...often(2, observe),
  ...often(3, quarantine),
  ...often(3, repairOne),
  ...often(3, retireOne),
  ...often(4, settle),
  ...often(3, approve),
];

const WEATHERS = [QUIET, CALM, STORM, UNSETTLED];

const number = fc.nat(59);

/** Any one step. A number beyond a list's length begins the list again. */
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.nat(WEATHERS.reduce((product, weather) => product * weather.length, 1) - 1),
  a: number,
  b: number,
  c: number,
});

/** Any history of at most 30 steps, all alike likely: nothing is special about small numbers here. */
export const script: fc.Arbitrary<Script> = fc.noBias(
  fc.record({ start: step, steps: fc.array(step, { maxLength: 30, size: "max" }) }),
);

/** Plays a history in one of four weathers; a quarter of them start with nothing known. */
export function play({ start, steps }: Script): Desk {
  const desk = new Desk([], start.a % 4 === 0 ? [] : goodNews());
  if (start.b % 4 === 0) acceptAny(desk, { ...start, b: start.c });
  if (start.b % 4 === 1) accept("FRESHNESS_POLICY")(desk, { ...start, c: 1 });
  if (start.b % 4 === 2) accept("SHIFT_CALENDAR")(desk, { ...start, c: 1 });
  const weather = pick(WEATHERS, start.act);
  for (const { act, ...numbers } of steps) pick(weather, act)(desk, numbers);
  return desk;
}
