import { type ComponentView, viewComponent } from "#gate/components.ts";
import { COMPONENT_KINDS } from "#gate/dependencies.ts";
import { type Deviation, DeviationCode } from "#packet/component.ts";
import { type Entry, nameOfSubject } from "#packet/entry.ts";
import { Name } from "#packet/name.ts";
import { framed, hmacSha256 } from "#proof/digest.ts";
import { builder, governed, shared } from "./builder.ts";
import { connectionOptions, sliceOf } from "./connections.ts";
import {
  ComponentDeclarationRef,
  ComponentKindRef,
  ComponentReportRef,
  ComponentStateRef,
} from "./content/componentContent.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enums.ts";
import { requireEntitled } from "./loading.ts";

const DeviationCodeRef = enumOf(
  "DeviationCode",
  DeviationCode,
  "One way in which a component is not as it was declared.",
  {
    UNREPORTED: "Nobody has reported on it.",
    RUNNING_ANOTHER: "A word that counts says that it runs something else.",
    UNCONFIRMED: "Nothing that counts confirms what it runs.",
    INTENDED_DENIED: "It denies the release that it is meant to run.",
    FLOOR_TOO_LOW: "It admits releases that it is meant to refuse.",
    FLOOR_TOO_HIGH: "It refuses releases that it is meant to admit.",
    DENY_ENTRY_MISSING: "It does not deny what it is meant to deny.",
    DENY_ENTRY_UNDECLARED: "It denies what nobody declared.",
    EVERY_KEY_TRUSTED: "It trusts every key, and is meant to trust some.",
    KEY_MISSING: "It does not trust a key that it is meant to trust.",
    KEY_UNDECLARED: "It trusts a key that nobody declared.",
    KEY_SLOTS_EXCEEDED: "More of its key slots are used than it is said to have.",
  },
);

const DeviationRef = builder.objectRef<Deviation>("Deviation").implement({
  description: "One way in which a component is not as it was declared. Nothing here repairs it.",
  fields: (t) => ({
    code: t.expose("code", { ...shared, type: DeviationCodeRef, description: "Which one." }),
    about: t.stringList({
      ...governed,
      complexity: 100,
      description: "The digests or keys that it is about, in order of name.",
      resolve: ({ about }) => [...about],
    }),
    expected: t.exposeString("expected", { ...governed, description: "What was declared." }),
    found: t.exposeString("found", { ...governed, description: "What is reported." }),
    repair: t.exposeString("repair", {
      ...governed,
      description: "What would remove it; where nothing on the component can, what else would.",
    }),
  }),
});

/** A component with what the deployment calls it before everybody. */
interface Labelled extends ComponentView {
  readonly exercise: boolean;
  readonly label: string;
}

export const ComponentRef = builder.objectRef<Labelled>("Component").implement({
  description: "Something that trains patch: how it is meant to be, and how it is.",
  fields: (t) => ({
    label: t.exposeString("label", {
      ...shared,
      description: "A neutral name, which stays the same and leads back to no other name.",
    }),
    component: t.exposeString("component", { ...governed, description: "Its name." }),
    componentKind: t.field({
      ...shared,
      nullable: true,
      type: ComponentKindRef,
      description: "What updates it; null where nobody has declared it.",
      resolve: ({ declaration }) => declaration?.componentKind ?? null,
    }),
    declaration: t.expose("declaration", {
      ...shared,
      nullable: true,
      type: ComponentDeclarationRef,
      description:
        "How it is meant to be, by the newest declaration; null where there is none, and then nothing is compared.",
    }),
    recorded: t.expose("refuses", {
      ...shared,
      nullable: true,
      type: ComponentStateRef,
      description: "What it refuses, by all reports together; null where there is none.",
    }),
    keySlotsUsed: t.exposeInt("keySlotsUsed", {
      ...governed,
      description: "How many of its key slots are programmed; null where nobody said.",
    }),
    reports: t.field({
      ...shared,
      type: [ComponentReportRef],
      description: "Each reporter's newest report, in the order of the ledger.",
      resolve: ({ reports }) => [...reports],
    }),
    deviations: t.field({
      ...shared,
      type: [DeviationRef],
      description:
        "How it is not as it was declared. How long a report counts is said by each train's policy, so that a packet may be held where there is nothing here.",
      resolve: ({ deviations }) => [...deviations],
    }),
  }),
});

/** What a component is called before everybody, and where it stands in a list that tells nothing. */
interface Place {
  readonly name: Name;
  readonly label: string;
  readonly position: bigint;
}

function placeOf(key: Uint8Array, exercise: boolean, name: Name): Place {
  const kind = exercise ? "exercise" : "real";
  const mac = Buffer.from(hmacSha256(key, framed("holdfast/component/1", [kind, name])));
  const label = `component-${mac.subarray(0, 5).toString("hex")}`;
  return { name, label, position: mac.readBigUInt64BE(8) };
}

/** These components as they are recorded now, in the order given. */
export async function componentViews(
  { desk }: Context,
  exercise: boolean,
  names: readonly Name[],
): Promise<ComponentView[]> {
  const subjects = names.flatMap((name) => COMPONENT_KINDS.map((kind) => ({ kind, name })));
  const { entries } = await desk.ledger.shared(exercise, subjects);
  const byName = new Map<string, Entry[]>();
  for (const entry of entries) {
    const name = nameOfSubject(entry) ?? "";
    byName.set(name, [...(byName.get(name) ?? []), entry]);
  }
  return names.map((name) => viewComponent(name, byName.get(name) ?? []));
}

async function loadComponents(
  context: Context,
  exercise: boolean,
  places: readonly Place[],
): Promise<Labelled[]> {
  const names = places.map(({ name }) => name);
  const views = await componentViews(context, exercise, names);
  return views.map((view, at) => ({ ...view, label: places[at]?.label ?? "", exercise }));
}

/** Adds the queries about components. */
export function addComponentQueries(): void {
  builder.queryField("component", (t) =>
    t.field({
      ...shared,
      nullable: true,
      type: ComponentRef,
      description:
        "One component by its name; null where nobody spoke of it and no packet depends on it.",
      args: {
        name: t.arg.string({ description: "Its name." }),
        exercise: t.arg.boolean({ description: "Practice, or real." }),
      },
      resolve: async (_root, { name, exercise }, context) => {
        // Whether a name finds something tells whether there is a component of that name.
        requireEntitled(context, "sourceRead");
        if (!Name.safeParse(name).success) return null;
        const [found] = await context.desk.ledger.components(exercise, name);
        if (found === undefined) return null;
        const place = placeOf(context.desk.ledger.keyFor("components"), exercise, name);
        const [component] = await loadComponents(context, exercise, [place]);
        return component ?? null;
      },
    }),
  );
  builder.queryField("components", (t) =>
    t.connection({
      ...shared,
      type: ComponentRef,
      description:
        "Every component of which somebody spoke or on which a packet ever depended, in an order that stays and tells nothing: one that comes to be while you read on may be missed.",
      ...connectionOptions,
      args: { exercise: t.arg.boolean({ description: "Practice, or real." }) },
      resolve: async (_root, { exercise, ...args }, context) => {
        requireEntitled(context, "packetRead");
        const { ledger } = context.desk;
        const key = ledger.keyFor("components");
        const names = await ledger.components(exercise);
        const places = names
          .map((name) => placeOf(key, exercise, name))
          .toSorted((left, right) => (left.position < right.position ? -1 : 1));
        const page = sliceOf({
          items: places,
          args,
          position: ({ position }) => position,
          cursors: context.cursors,
          scope: `components ${exercise}`,
        });
        const shown = page.edges.map(({ node }) => node);
        const components = await loadComponents(context, exercise, shown);
        const edges = page.edges.flatMap(({ cursor }, at) => {
          const node = components[at];
          return node === undefined ? [] : [{ cursor, node }];
        });
        return { ...page, edges };
      },
    }),
  );
}
