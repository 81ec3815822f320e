import { type Verb, entitle } from "#access/permissions.ts";
import { outOfScope } from "#access/reportScopes.ts";
import { componentChanges, knownOf } from "#gate/decide/components.ts";
import { type NewestBy, decideShared, newestOf } from "#gate/decide/entries.ts";
import { type SharedSubject, ofComponent, sharedSubjectOf } from "#gate/dependencies.ts";
import type { ReportAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { entrySubject } from "#packet/entry.ts";
import { Refusal } from "#packet/refusal.ts";
import { SharedRecord } from "#packet/wish.ts";
import { ask, numberFault } from "./ask.ts";
import { broughtTokens } from "./changeSpending.ts";
import type { Desk } from "./desk.ts";
import { provenReports } from "./releaseSignatures.ts";
import { verifiedReports } from "./signatures.ts";

type SharedWish = SharedRecord["entries"][number];

/** Who may speak of what: the entitlement that depends on the entry's kind. */
const VERBS: Readonly<Record<SharedWish["kind"], Verb>> = {
  ENCLAVE_REPORT: "enclaveReport",
  CREDENTIAL_REVOCATION: "credentialRevoke",
  COMPONENT_STATE: "componentReport",
  COMPONENT_DECLARATION: "componentDeclare",
  RELEASE_INITIALISATION: "releaseInitialise",
  KEY_ROTATION: "keyRotate",
  EMERGENCY_PLAN: "emergencyPlanReport",
};

/** Reports once on subjects that several packets share; each of them gets its revision with it (rule 3.6). */
export async function sharedRecord(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<ReportAnswer | Refusal> {
  const asked = ask("sharedRecord", SharedRecord, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const { exercise, reportNumber } = wish;
  for (const { kind } of wish.entries) {
    const refused = entitle(actor, VERBS[kind]);
    if (refused !== null) return refused;
  }
  const fault = outOfScope(actor, wish.entries, ["entries"]) ?? numberFault(actor, reportNumber);
  if (fault !== null) return fault;
  const reported = { exercise, packet: null, reportNumber: reportNumber ?? null };
  const proven = await provenReports(desk, wish.entries);
  if (proven instanceof Refusal) return proven;
  const entries = await verifiedReports(desk, actor, proven, reported);
  if (entries instanceof Refusal) return entries;
  const brought = await broughtTokens(desk, wish.tokens ?? []);
  return desk.ledger.report({
    exercise,
    asker,
    subjects: wish.entries.flatMap(subjectsOf),
    reportNumber,
    decide: (shared, { epoch, doubt }) => {
      const newest: NewestBy = (subject, reporter, only) => {
        const told = shared.entries.filter((entry) => entrySubject(entry) === subject);
        return newestOf(told, reporter, only);
      };
      const component = (name: string) => knownOf(name, shared.entries);
      const receiving = {
        actor,
        epoch,
        doubt,
        newId: desk.newId,
        reportNumber: reportNumber ?? null,
      };
      return decideShared({ newest, component }, entries, receiving);
    },
    spending: (shared, decided) => {
      const known = (component: string) => knownOf(component, shared.entries);
      return brought(componentChanges(known, decided, exercise));
    },
  });
}

/** What must stand still meanwhile: of a component all that is recorded, as one kind is judged by the others. */
function subjectsOf(report: SharedWish): SharedSubject[] {
  return "component" in report ? ofComponent(report.component) : [sharedSubjectOf(report)];
}
