import type { InadmissiblePackage } from "#gate/scope.ts";
import { type DenyEntry, UNRECORDED, denyEntries } from "#recovery/rollback.ts";
import { type Unzipping, type Unzippings, unzippings, vulnerableBy } from "#recovery/unzipping.ts";
import type { Overlap, Release } from "#packet/rollback.ts";
import { knownReleases } from "#workflow/knownReleases.ts";
import {
  type Forecast,
  type ForecastPacket,
  rollbackForecast,
} from "#workflow/rollbackForecast.ts";
import { builder, governed, shared } from "./builder.ts";
import { ComponentRef } from "./components.ts";
import { ReleaseRef } from "./content/rollbackContent.ts";
import { InadmissibilityRef } from "./content/rollbackEntries.ts";
import { RollbackForecastInput } from "./input/rotationInput.ts";
import { ForeseenHoldRef } from "./preview.ts";
import { addQuery } from "./verbs.ts";

const InadmissiblePackageRef = builder
  .objectRef<InadmissiblePackage>("InadmissiblePackage")
  .implement({
    description: "A rollback package that could not be gone back to after the patch (rule 4.1.4).",
    fields: (t) => ({
      package: t.string({
        ...governed,
        description: "The package.",
        resolve: ({ item }) => item.package,
      }),
      release: t.field({
        ...governed,
        type: ReleaseRef,
        description: "The release in it.",
        resolve: ({ item }) => item.release,
      }),
      reasons: t.field({
        ...shared,
        type: [InadmissibilityRef],
        description: "Every reason.",
        resolve: ({ reasons }) => [...reasons],
      }),
    }),
  });

const ForecastPacketRef = builder.objectRef<ForecastPacket>("ForecastPacket").implement({
  description: "What a planned change would do to one packet.",
  fields: (t) => ({
    packet: t.expose("packet", { ...shared, type: "UUID", description: "The packet's id." }),
    packages: t.field({
      ...shared,
      type: [InadmissiblePackageRef],
      description: "The packages that could not be gone back to any more, and can now.",
      resolve: ({ packages }) => [...packages],
    }),
    opened: t.field({
      ...shared,
      type: [ForeseenHoldRef],
      description: "The holds that it would open.",
      resolve: ({ opened }) => [...opened],
    }),
    cleared: t.field({
      ...shared,
      type: [ForeseenHoldRef],
      description: "The holds that it would clear.",
      resolve: ({ cleared }) => [...cleared],
    }),
    isNewlyHeld: t.exposeBoolean("isNewlyHeld", {
      ...shared,
      description: "Whether the packet would be held then, and is not now.",
    }),
  }),
});

const ForecastRef = builder.objectRef<Forecast>("RollbackForecast").implement({
  description:
    "What a planned floor, deny entry or rotation would do to every open packet, as it would then happen. Nothing is recorded.",
  fields: (t) => ({
    packets: t.field({
      ...shared,
      type: [ForecastPacketRef],
      description: "The packets to which anything would happen, in order of packet.",
      resolve: ({ packets }) => [...packets],
    }),
    unreadable: t.field({
      ...shared,
      type: ["UUID"],
      description: "Packets that cannot be read, of which nothing can be said.",
      resolve: ({ unreadable }) => [...unreadable],
    }),
  }),
});

const OverlapRef = builder.objectRef<Overlap>("Overlap").implement({
  description: "A rotation under way: both keys are trusted until it ends.",
  fields: (t) => ({
    outgoing: t.exposeString("outgoing", { ...governed, description: "The key that goes." }),
    incoming: t.exposeString("incoming", { ...governed, description: "The key that comes." }),
  }),
});

const DenyEntryRef = builder.objectRef<DenyEntry>("DenyEntry").implement({
  description: "An entry of a component's deny list.",
  fields: (t) => ({
    digest: t.expose("digest", { ...governed, type: "Digest", description: "What is denied." }),
    release: t.exposeString("release", {
      ...governed,
      description: "Its name; null where no release of this digest is known.",
    }),
    isRedundant: t.exposeBoolean("isRedundant", {
      ...governed,
      description: "Whether the floor refuses it anyway.",
    }),
  }),
});

const UnzippingStepRef = builder.objectRef<Release>("UnzippingStep").implement({
  description: "One install on a way down.",
  fields: (t) => ({
    release: t.exposeString("release", { ...governed, description: "The release's name." }),
    digest: t.expose("digest", {
      ...governed,
      type: "Digest",
      description: "The release's digest.",
    }),
  }),
});

const UnzippingRef = builder.objectRef<Unzipping>("Unzipping").implement({
  description: "A way down to a vulnerable release that the component leaves open.",
  fields: (t) => ({
    vulnerable: t.expose("vulnerable", {
      ...governed,
      type: UnzippingStepRef,
      description: "The vulnerable release.",
    }),
    path: t.field({
      ...governed,
      type: [UnzippingStepRef],
      description: "What would be installed one after the other, the vulnerable release last.",
      resolve: ({ path }) => [...path],
    }),
  }),
});

const UnzippingSearchRef = builder.objectRef<Unzippings>("UnzippingSearch").implement({
  description: "What a search for ways down to vulnerable releases found, and whether it saw all.",
  fields: (t) => ({
    found: t.field({
      ...governed,
      type: [UnzippingRef],
      description:
        "For each vulnerable release that was reached, the shortest way down to it, in order of digest.",
      resolve: ({ found }) => [...found],
    }),
    isWhole: t.exposeBoolean("isWhole", {
      ...governed,
      description:
        "Whether every state of the component was looked at. If not, there may be ways down that are not told.",
    }),
  }),
});

/** Adds what the rollback control of a component shows, and the forecast of a change of it. */
export function addRollbackQueries(): void {
  builder.objectFields(ComponentRef, (t) => ({
    retiredKeys: t.stringList({
      ...governed,
      description: "The keys that were rotated out and are never trusted again.",
      resolve: ({ refuses }) => [...(refuses?.retiredKeys ?? [])],
    }),
    overlaps: t.field({
      ...governed,
      type: [OverlapRef],
      description: "The rotations under way.",
      resolve: ({ refuses }) => [...(refuses?.overlaps ?? [])],
    }),
    denyEntries: t.field({
      ...governed,
      complexity: 200,
      type: [DenyEntryRef],
      description: "Its deny list, with what is known of each entry.",
      resolve: async ({ component, exercise, refuses }, _args, { desk }) =>
        denyEntries(refuses ?? UNRECORDED, await knownReleases(desk, exercise, component)),
    }),
    unzippings: t.field({
      ...governed,
      complexity: 200,
      type: UnzippingSearchRef,
      description:
        "Ways down to each vulnerable release that the component would still come to admit, through known releases.",
      args: {
        vulnerable: t.arg({
          type: ["Digest"],
          required: false,
          description:
            "The vulnerable releases; left out, whatever has no higher SVN than a denied release.",
        }),
      },
      resolve: async ({ component, exercise, refuses }, { vulnerable }, { desk }) => {
        const state = refuses ?? UNRECORDED;
        const known = await knownReleases(desk, exercise, component);
        const marked = vulnerable ? new Set(vulnerable) : vulnerableBy(state.denied, known);
        return unzippings(state, known, marked);
      },
    }),
  }));
  addQuery("rollbackForecast", {
    description:
      "Which packages a planned floor, deny entry or rotation would make inadmissible, and which packets would then be held.",
    input: RollbackForecastInput,
    payload: ForecastRef,
    refusals: ["InvalidInput", "NotEntitled", "KeySlotsExhausted"],
    run: rollbackForecast,
  });
}
