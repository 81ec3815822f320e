import type {
  AccessRecord,
  LastExercise,
  RecordFilter,
  RecordReader,
} from "#accessLog/readRecords.ts";
import { AccessCode } from "#packet/accessEvent.ts";
import { Id, type Name } from "#packet/name.ts";
import { builder, governed, shared } from "./builder.ts";
import { type Page, type PageArgs, askedPage, connectionOptions } from "./connections.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enums.ts";
import { requireEntitled } from "./loading.ts";

/** The records of access as they are asked for, and who may come in offline. */
export interface AccessRecords extends Pick<RecordReader, "stretch" | "total" | "lastExercises"> {
  /** Resolves when what this node has let in or refused so far is written, or is only counted. */
  settled(): Promise<void>;
  /** Everybody who may sign in offline. */
  responders(): Promise<readonly Name[]>;
}

const AccessCodeRef = enumOf(
  "AccessCode",
  AccessCode,
  "What a record of access tells. A code never changes its meaning.",
  {
    SIGNED_IN: "Somebody came with a credential, from an address, with roles; first of an hour.",
    SIGNED_IN_OFFLINE: "Somebody came with a key of their own; first of an hour.",
    SIGN_IN_REFUSED: "Nobody known came from an address.",
    REFUSED: "Somebody known asked for something and was refused.",
    EXPORTED: "A bundle was given out.",
    GOVERNED_READ: "Governed data was shown; first of a quarter of an hour.",
    ROLES_CHANGED: "A principal's roles are others than were recorded before.",
    KEYS_CHANGED: "A person's signing keys, or the revoked keys, are others than before.",
  },
);

const TOLD = {
  position: "Its place among the records: a whole number of 64 bits as a decimal string. It rises.",
  count: "How many it stands for: what is like something is counted within a window.",
  overMs: "Within how many milliseconds before `at` they came; 0 for what is recorded by itself.",
} as const;

const AccessRecordRef = builder.objectRef<AccessRecord>("AccessRecord").implement({
  description: "Who came, was refused, took data out or saw governed data. Append-only.",
  fields: (t) => ({
    position: t.string({
      ...shared,
      description: TOLD.position,
      resolve: ({ position }) => position.toString(),
    }),
    code: t.expose("code", { ...shared, type: AccessCodeRef, description: "What happened." }),
    actor: t.exposeString("actor", {
      ...governed,
      description: "Who; null for whoever is not known, and where it concerns no one person.",
    }),
    address: t.exposeString("address", {
      ...governed,
      description: "From where; null for what did not come by a request.",
    }),
    packet: t.expose("packet", {
      ...shared,
      type: "UUID",
      nullable: true,
      description: "Which packet; null for what is of none.",
    }),
    subject: t.exposeString("subject", {
      ...governed,
      description: "What it was about: a verb and a code, a form, a key's fingerprint, a field.",
    }),
    before: t.stringList({
      ...governed,
      description: "Roles or keys as they were recorded before.",
      resolve: ({ before }) => (before === null ? null : [...before]),
    }),
    after: t.stringList({
      ...governed,
      description: "Roles or keys from then on; of a sign-in, the roles that it brought.",
      resolve: ({ after }) => (after === null ? null : [...after]),
    }),
    count: t.exposeInt("count", { ...shared, description: TOLD.count }),
    overMs: t.field({
      ...shared,
      type: "SafeInt",
      description: TOLD.overMs,
      resolve: ({ overMs }) => Number(overMs),
    }),
    epoch: t.expose("epoch", { ...shared, type: "Epoch", description: "The epoch then." }),
    at: t.expose("at", { ...shared, type: "DateTime", description: "By the database's clock." }),
    node: t.expose("node", {
      ...shared,
      type: "UUID",
      description: "Which process of the deployment recorded it.",
    }),
  }),
});

const ExerciseRef = builder.objectRef<LastExercise>("OfflineExercise").implement({
  description: "A sign-in with a responder's own key, without an identity provider.",
  fields: (t) => ({
    epoch: t.expose("epoch", { ...shared, type: "Epoch", description: "The epoch then." }),
    at: t.expose("at", { ...shared, type: "DateTime", description: "By the database's clock." }),
  }),
});

/** Somebody who may sign in offline. */
interface Responder {
  readonly person: Name;
  readonly lastExercise: LastExercise | null;
}

const ResponderRef = builder.objectRef<Responder>("Responder").implement({
  description: "Somebody who may sign in with a key of their own when single sign-on is down.",
  fields: (t) => ({
    person: t.exposeString("person", { ...governed, description: "Who." }),
    lastExercise: t.expose("lastExercise", {
      ...shared,
      nullable: true,
      type: ExerciseRef,
      description: "The last time that they did; null when they never have.",
    }),
  }),
});

const AccessFilter = builder.inputType("AccessFilter", {
  description: "Which records: those that fit everything given.",
  fields: (t) => ({
    code: t.field({ type: AccessCodeRef, required: false, description: "Of this code." }),
    actor: t.string({ required: false, description: "Of this principal." }),
    packet: t.field({ type: "UUID", required: false, description: "About this packet." }),
  }),
});

/** Adds the queries about access, for whoever answers for it. */
export function addAccessQueries(): void {
  builder.queryField("accessRecords", (t) =>
    t.connection({
      ...shared,
      type: AccessRecordRef,
      description:
        "Records of access, the oldest first: ask for the `last` ones to see the newest. Reading them is recorded too.",
      ...connectionOptions,
      args: {
        where: t.arg({ type: AccessFilter, required: false, description: "Which records." }),
      },
      resolve: async (_root, { where, ...args }, context) => {
        requireEntitled(context, "accessRead");
        await context.records.settled();
        const { code = null, actor = null, packet = null } = where ?? {};
        // What is no id is of no record.
        if (packet !== null && !Id.safeParse(packet).success)
          return recordPage(context, args, null);
        return recordPage(context, args, { code, actor, packet });
      },
    }),
  );
  builder.queryField("responders", (t) =>
    t.field({
      ...shared,
      type: [ResponderRef],
      description: "Everybody who may sign in offline, with the last time that they did.",
      resolve: async (_root, _args, context) => {
        requireEntitled(context, "accessRead");
        const { records } = context;
        await records.settled();
        const people = await records.responders();
        const last = new Map(
          (await records.lastExercises(people)).map((exercise) => [exercise.person, exercise]),
        );
        return people.map((person) => ({ person, lastExercise: last.get(person) ?? null }));
      },
    }),
  );
}

/** One page; an empty one for a filter that nothing can fit. */
async function recordPage(
  { records, cursors }: Context,
  args: PageArgs,
  filter: RecordFilter | null,
): Promise<Page<AccessRecord>> {
  const scope = "access records";
  const { size, from, after, before } = askedPage(args, cursors, scope);
  const wanted = { after, before, from, size: size + 1 };
  const found = filter === null || size === 0 ? [] : await records.stretch(filter, wanted);
  const hasMore = found.length > size;
  const shown = from === "FIRST" ? found.slice(0, size) : found.slice(hasMore ? 1 : 0);
  const edges = shown.map((node) => ({ cursor: cursors.write(scope, node.position), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: from === "FIRST" ? hasMore : before !== null,
      hasPreviousPage: from === "LAST" ? hasMore : after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: () => (filter === null ? 0 : records.total(filter)),
  };
}
