import type { HoldCode } from "#packet/hold.ts";
import type { Holding } from "./holding.ts";
import { SHIFTS, TARGETS } from "./plan.ts";
import type { Props } from "./props.ts";
import type { HoldName } from "./told.ts";

/** One hold of this code on each artifact. */
export function onArtifacts(code: HoldCode, holdings: readonly Holding[]): HoldName[] {
  return holdings.map(({ name, digest }) => ({ code, subject: `${name} ${digest}` }));
}

/** One hold of this code on each subject that is a plain name. */
export function on(code: HoldCode, ...subjects: string[]): HoldName[] {
  return subjects.map((subject) => ({ code, subject }));
}

/** The rollback packages by name, with the digest that each must have. */
export function rollbackPackages({ rollback }: Props): { name: string; holding: Holding }[] {
  const [gateway, agent] = rollback;
  return [
    { name: "gateway-rollback", holding: gateway },
    { name: "agent-rollback", holding: agent },
  ];
}

/** One hold of this code on each rollback package. */
export function onPackages(code: HoldCode, props: Props): HoldName[] {
  return rollbackPackages(props).map(({ name, holding }) => ({
    code,
    subject: `${name} ${holding.digest}`,
  }));
}

/** One hold of this code on each rollback package in each shift. */
export function onPackageShifts(code: HoldCode, props: Props): HoldName[] {
  return onPackages(code, props).flatMap(({ subject }) =>
    SHIFTS.map((shift) => ({ code, subject: `${subject} ${shift}` })),
  );
}

/** One hold of this code on each safeguard of each publication target. */
export function onSafeguards(code: HoldCode): HoldName[] {
  return TARGETS.flatMap(({ target, safeguards }) =>
    safeguards.map((safeguard) => ({ code, subject: `${target} ${safeguard}` })),
  );
}
