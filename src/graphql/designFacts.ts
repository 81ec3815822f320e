import type { ComponentView } from "#gate/components.ts";
import { openHolds } from "#gate/view.ts";
import type { PacketState } from "#gate/state.ts";
import type { LastExercise } from "#accessLog/readRecords.ts";
import type { PacketHead } from "#ledger/ledger.ts";
import type { Declared } from "#packet/component.ts";
import type { ReadinessState } from "#packet/emergency.ts";
import type { HoldCode } from "#packet/hold.ts";
import { compareNames } from "#packet/name.ts";
import type { ComponentState, Release } from "#packet/rollback.ts";
import { shardOf, shardText } from "#proof/revocationList.ts";
import { rateControlIn } from "#recovery/changeToken.ts";
import { rateInForce } from "#recovery/clock.ts";
import type {
  DesignComponent,
  DesignEmergency,
  DesignFacts,
  DesignPackage,
} from "#recovery/designFacts.ts";
import { UNRECORDED, denyEntries } from "#recovery/rollback.ts";
import { unzippings, vulnerableBy } from "#recovery/unzipping.ts";
import { emergencyAccess } from "#workflow/emergencyAccess.ts";
import { knownReleases } from "#workflow/knownReleases.ts";
import { countsNoMore, reliances } from "#workflow/releaseKeys.ts";
import { componentViews } from "./components.ts";
import type { Context } from "./context.ts";
import { asked, planLines, plannedLine } from "./designPlan.ts";
import { loadReadable } from "./loading.ts";

const HEADS_PAGE = 200;

/** What holds a rollback package, whose name is the first of the hold's subject. */
const ABOUT_PACKAGES: readonly HoldCode[] = [
  "ROLLBACK_INADMISSIBLE",
  "ROLLBACK_CUSTODY_GAP",
  "ROLLBACK_DIGEST_MISMATCH",
  "ROLLBACK_COMPONENT_DEVIATION",
];

/** Everything that the recovery design document is made of, as it is now. */
export async function designFacts(context: Context, exercise: boolean): Promise<DesignFacts> {
  const { desk } = context;
  const { epoch, doubt, clock } = await desk.ledger.moment();
  const rate = rateInForce(clock, desk.rate);
  const { states, unreadable } = await openPackets(context, exercise);
  return {
    deployment: desk.ledger.deployment,
    exercise,
    epoch,
    components: await componentsOf(context, exercise),
    packages: states.flatMap(packagesOf),
    revokedKeys: await reliances(desk, exercise, countsNoMore(desk)),
    clock: {
      epochMs: rate.epochMs,
      tickGapMaxMs: rate.tickGapMaxMs,
      generation: clock.generation,
      doubt,
      control: await rateControlIn(desk.changes),
    },
    revocation: revocationOf(context, states),
    emergency: await emergencyOf(context, exercise, states),
    unreadable,
  };
}

/** In order of id; every open packet that can be read, and the ids of those that cannot. */
async function openPackets(context: Context, exercise: boolean) {
  const states: PacketState[] = [];
  const unreadable: string[] = [];
  for (let last: string | null = null; ;) {
    const heads: readonly PacketHead[] = await context.desk.ledger.packets(
      { isOpen: true, exercise },
      last,
      HEADS_PAGE,
    );
    for (const { packet } of heads) {
      const seen = await loadReadable(context, packet);
      if (seen === null) unreadable.push(packet);
      else if (seen.state.closing === null) states.push(seen.state);
    }
    last = heads.at(-1)?.packet ?? last;
    if (heads.length < HEADS_PAGE) return { states, unreadable };
  }
}

async function componentsOf(context: Context, exercise: boolean): Promise<DesignComponent[]> {
  const { desk } = context;
  const names = await desk.ledger.components(exercise);
  const views = await componentViews(context, exercise, inOrder(names));
  return Promise.all(
    views.map(async (view) => {
      const { component, declaration, refuses, deviations } = view;
      const known = await knownReleases(desk, exercise, component);
      const state = refuses ?? UNRECORDED;
      const ways = unzippings(state, known, vulnerableBy(state.denied, known));
      return {
        component,
        declared: declaration === null ? null : declaredOf(declaration),
        recorded: refuses === null ? null : recordedOf(view, refuses, known),
        waysDown: ways.found.map(({ path }) => path.map(({ release }) => release)),
        isSearchWhole: ways.isWhole,
        deviations,
      };
    }),
  );
}

function recordedOf(
  { declaration, keySlotsUsed }: ComponentView,
  refuses: ComponentState,
  known: readonly Release[],
): DesignComponent["recorded"] {
  const { floor, denied, trustedKeys, retiredKeys, everTrusted, overlaps } = refuses;
  const hasSlots = declaration?.keySlots !== undefined;
  return {
    floor,
    denied,
    trustedKeys,
    retiredKeys,
    rotations: overlaps.map(({ outgoing, incoming }) => `${outgoing} to ${incoming}`),
    redundant: denyEntries(refuses, known)
      .filter(({ isRedundant }) => isRedundant)
      .map(({ digest }) => digest),
    keySlotsUsed: hasSlots ? Math.max(everTrusted.length, keySlotsUsed ?? 0) : null,
  };
}

function declaredOf({
  componentKind,
  intended,
  keySlots,
  spareParts = [],
}: Declared): DesignComponent["declared"] {
  return {
    kind: componentKind,
    ...intended,
    keySlots: keySlots ?? null,
    spareParts: spareParts.map(({ release, svn }) => `${release} of SVN ${svn}`),
  };
}

function packagesOf(state: PacketState): DesignPackage[] {
  const { packet, train, sources } = state.facts;
  const { packages, trainReleases } = sources.ROLLBACK_SCOPE.content;
  const held = openHolds(state).filter(({ code }) => ABOUT_PACKAGES.includes(code));
  return packages.map((item) => {
    const own = trainReleases.find(({ component }) => component === item.component);
    const holds = held.filter(({ subject }) => subject.split(" ")[0] === item.package);
    return {
      packet,
      train,
      package: item.package,
      component: item.component,
      release: item.release.release,
      svn: item.release.svn,
      masvn: own?.release.masvn ?? null,
      holds: holds.map(({ code }) => code),
    };
  });
}

function revocationOf(
  { desk }: Context,
  states: readonly PacketState[],
): DesignFacts["revocation"] {
  const { node } = desk.revocations;
  const { versions, size, lost, refused } = desk.revocations.holdings();
  return {
    people: inOrder(states.flatMap(({ facts }) => [...facts.revoked])),
    lists: [...versions].map(([shard, version]) => ({ shard, version })),
    count: size,
    node: node === null ? null : { name: node, shard: shardText(shardOf(`node:${node}`)) },
    faults: [
      ...lost.map((shard) => `the list of shard ${shard} was lost`),
      ...[...refused].map(
        ([shard, why]) => `a list of shard ${shard} was refused: ${why.join(", ")}`,
      ),
    ],
  };
}

async function emergencyOf(
  { desk, records }: Context,
  exercise: boolean,
  states: readonly PacketState[],
): Promise<DesignEmergency> {
  await records.settled();
  const letIn = await records.responders();
  const last = new Map<string, LastExercise>(
    (await records.lastExercises(letIn)).map((record) => [record.person, record]),
  );
  const { plan, gaps, people } = await emergencyAccess(desk.ledger, exercise);
  const known = new Map(people.map((readiness) => [readiness.person, readiness]));
  return {
    plan: plan === null ? null : planLines(plan),
    findings: gaps,
    responders: inOrder([...letIn, ...known.keys()]).map((person) => {
      const readiness = known.get(person);
      const planned = plan?.responders.find((one) => one.person === person);
      // What the ledger has is evidence; the records of access tell of whoever no plan names yet.
      const lastExercise =
        readiness?.lastExercise?.observedEpoch ?? last.get(person)?.epoch ?? null;
      return {
        person,
        lastExercise,
        isLetIn: letIn.includes(person),
        unready: unreadyOf(readiness?.state ?? null, lastExercise !== null),
        planned: planned === undefined ? null : plannedLine(planned),
      };
    }),
    owners: states.map(({ facts }) => {
      const { owner, emergencyAccess: policy } = facts.sources.APPROVAL_LANE.content;
      return { train: facts.train, owner, policy: policy === undefined ? null : asked(policy) };
    }),
  };
}

function unreadyOf(state: ReadinessState | null, hasExercised: boolean): string | null {
  if (state === null) return hasExercised ? "NOT_IN_PLAN" : "NEVER_EXERCISED, NOT_IN_PLAN";
  return state === "READY" ? null : state;
}

/** Each once, in the one order of names. */
function inOrder(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted(compareNames);
}
