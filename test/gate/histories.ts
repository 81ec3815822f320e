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
  enclave,
  observe,
  pass,
  place,
  quarantine,
  rebuild,
  refresh,
  reject,
  release,
  repairOne,
  resubmit,
  retireOne,
  revoke,
  safeguard,
  settle,
  withdraw,
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

const DRIFT = [confirm, rebuild, availability, custody, enclave, safeguard, observe, quarantine];

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
  reject,
  resubmit,
  place,
  release,
  acknowledge,
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
  place,
  ...often(2, release),
  acknowledge,
  withdraw,
  revoke,
  component,
  component,
  bind,
  breakClock,
];

const number = fc.nat(59);

/** Any one step. A number beyond a list's length begins the list again. */
const step: fc.Arbitrary<Step> = fc.record({
  act: fc.nat(QUIET.length * CALM.length * STORM.length - 1),
  a: number,
  b: number,
  c: number,
});

/** Any history of at most 30 steps, all alike likely: nothing is special about small numbers here. */
export const script: fc.Arbitrary<Script> = fc.noBias(
  fc.record({ start: step, steps: fc.array(step, { maxLength: 30, size: "max" }) }),
);

/** Plays a history in one of three weathers; a quarter of them start with nothing known. */
export function play({ start, steps }: Script): Desk {
  const desk = new Desk([], start.a % 4 === 0 ? [] : goodNews());
  if (start.b % 3 === 0) acceptAny(desk, { ...start, b: start.c });
  if (start.b % 3 === 1) accept("FRESHNESS_POLICY")(desk, { ...start, c: 1 });
  const weather = pick([QUIET, CALM, STORM], start.act);
  for (const { act, ...numbers } of steps) pick(weather, act)(desk, numbers);
  return desk;
}
