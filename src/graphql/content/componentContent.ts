import {
  ComponentKind,
  type IntendedState,
  type SparePart,
  Standpoint,
} from "#packet/component.ts";
import type { EntryOf } from "#packet/entry.ts";
import type { ComponentState } from "#packet/rollback.ts";
import { builder, governed, shared } from "../builder.ts";
import { enumOf } from "../enums.ts";
import { EntryRef } from "./entryRef.ts";

export const ComponentKindRef = enumOf(
  "ComponentKind",
  ComponentKind,
  "What updates a component. What updates itself cannot confirm its own state.",
  {
    APPLICATION: "Others install it.",
    SYSTEM: "It updates itself.",
    FIRMWARE: "It updates itself, and keeps its keys in slots that are programmed once.",
  },
);

export const StandpointRef = enumOf(
  "Standpoint",
  Standpoint,
  "From where a component's state was seen.",
  {
    OWN: "By the component itself, or by what it tells of itself.",
    OUTSIDE: "By somebody apart from it, who need not believe it.",
  },
);

/** What up to 10,000 digests cost. */
const LONG_LIST = { complexity: 100 } as const;

const FLOOR = "The least security version number that it admits.";
const DENIED = "The digests that it denies.";
const KEYS = "The keys that it trusts; an empty list trusts every key.";

export const ComponentStateRef = builder.objectRef<ComponentState>("ComponentState").implement({
  description: "What a component refuses, as far as that is recorded.",
  fields: (t) => ({
    floor: t.expose("floor", { ...governed, type: "SafeInt", description: FLOOR }),
    denied: t.field({
      ...governed,
      ...LONG_LIST,
      type: ["Digest"],
      description: DENIED,
      resolve: ({ denied }) => [...denied],
    }),
    trustedKeys: t.stringList({
      ...governed,
      description: KEYS,
      resolve: ({ trustedKeys }) => [...trustedKeys],
    }),
  }),
});

export const ComponentReportRef = builder
  .objectRef<EntryOf<"COMPONENT_STATE">>("ComponentReport")
  .implement({
    description: "What a component then refused, and ran.",
    interfaces: [EntryRef],
    fields: (t) => ({
      component: t.exposeString("component", { ...governed, description: "The component." }),
      floor: t.expose("floor", { ...governed, type: "SafeInt", description: FLOOR }),
      denied: t.expose("denied", {
        ...governed,
        ...LONG_LIST,
        type: ["Digest"],
        description: DENIED,
      }),
      trustedKeys: t.exposeStringList("trustedKeys", { ...governed, description: KEYS }),
      running: t.field({
        ...governed,
        type: "Digest",
        description: "The digest of what it ran; null where the reporter did not say.",
        resolve: ({ running }) => running ?? null,
      }),
      standpoint: t.field({
        ...shared,
        nullable: true,
        type: StandpointRef,
        description: "From where it was seen, as the reporter says; null counts as OWN.",
        resolve: ({ standpoint }) => standpoint ?? null,
      }),
      keySlotsUsed: t.int({
        ...governed,
        description: "How many of its key slots were programmed; null where nobody said.",
        resolve: ({ keySlotsUsed }) => keySlotsUsed ?? null,
      }),
    }),
  });

const IntendedStateRef = builder.objectRef<IntendedState>("IntendedState").implement({
  description: "How a component is meant to be.",
  fields: (t) => ({
    release: t.exposeString("release", {
      ...governed,
      description: "The release that it is meant to run.",
    }),
    digest: t.expose("digest", {
      ...governed,
      type: "Digest",
      description: "That release's digest.",
    }),
    floor: t.expose("floor", { ...governed, type: "SafeInt", description: FLOOR }),
    denied: t.expose("denied", {
      ...governed,
      ...LONG_LIST,
      type: ["Digest"],
      description: DENIED,
    }),
    trustedKeys: t.exposeStringList("trustedKeys", { ...governed, description: KEYS }),
  }),
});

const SparePartRef = builder.objectRef<SparePart>("SparePart").implement({
  description: "A part on the shelf, with the release that it comes with.",
  fields: (t) => ({
    release: t.exposeString("release", { ...governed, description: "The release's name." }),
    svn: t.expose("svn", {
      ...governed,
      type: "SafeInt",
      description: "Its security version number.",
    }),
  }),
});

export const ComponentDeclarationRef = builder
  .objectRef<EntryOf<"COMPONENT_DECLARATION">>("ComponentDeclaration")
  .implement({
    description: "What a component is, and how it is meant to be.",
    interfaces: [EntryRef],
    fields: (t) => ({
      component: t.exposeString("component", { ...governed, description: "The component." }),
      componentKind: t.expose("componentKind", {
        ...shared,
        type: ComponentKindRef,
        description: "What updates it.",
      }),
      intended: t.expose("intended", {
        ...governed,
        type: IntendedStateRef,
        description: "How it is meant to be.",
      }),
      keySlots: t.int({
        ...governed,
        description: "How many keys it can ever hold; null for what is no FIRMWARE.",
        resolve: ({ keySlots }) => keySlots ?? null,
      }),
      spareParts: t.field({
        ...governed,
        type: [SparePartRef],
        description: "The parts of FIRMWARE that may yet be put in; null where none was named.",
        resolve: ({ spareParts }) => spareParts ?? null,
      }),
    }),
  });
