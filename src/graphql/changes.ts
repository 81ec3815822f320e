import { ChangeKind, ChangeTokenFault, type Change, RateControl } from "#packet/change.ts";
import { ChangeTokenNeeded, ChangeTokenRefused } from "#packet/changeRefusal.ts";
import { changeDigest, changeText } from "#recovery/change.ts";
import { builder, governed, shared } from "./builder.ts";
import { enumOf } from "./enums.ts";
import { ErrorRef } from "./refusalParts.ts";

const ChangeKindRef = enumOf(
  "ChangeKind",
  ChangeKind,
  "What may be done only as fast as the change-rate service allows.",
  {
    EPOCH_RATE: "Set how long an epoch is.",
    EPOCH_FREEZE: "Freeze the epoch.",
    EPOCH_THAW: "Thaw the epoch.",
    EPOCH_ADVANCE: "Advance the epoch by hand.",
    REVOCATION_SHARD: "Push a shard of the revocation list.",
    FLOOR_RAISE: "Raise the floor of a component.",
    DENY_ENTRIES: "Add entries to the deny list of a component.",
    KEY_ROTATION: "Change the signing keys that a component trusts.",
    PACKET_ACTIVATION: "Activate an approved packet downstream.",
  },
);

const ChangeTokenFaultRef = enumOf(
  "ChangeTokenFault",
  ChangeTokenFault,
  "Why a token does not allow a change.",
  {
    NOT_A_TOKEN: "It is no change token.",
    NOT_SIGNED: "No key of the key set signed it.",
    KEYS_UNUSABLE: "The key set cannot be used, so no token counts.",
    OTHER_DEPLOYMENT: "It is for another deployment.",
    OTHER_KIND: "It is for another kind of change.",
    OTHER_CHANGE: "It is for another change.",
    TOO_EARLY: "Its first epoch is not reached.",
    TOO_LATE: "Its last epoch is over.",
    ALREADY_USED: "It was used already.",
  },
);

export const RateControlRef = enumOf(
  "RateControl",
  RateControl,
  "Whether somebody apart decides how fast things change here.",
  {
    CONTROLLED:
      "Changes of the clock, of revocation lists and of what components refuse need a token of the change-rate service.",
    NOT_CONTROLLED:
      "The change rate is not controlled: whoever is entitled changes things as fast as they like.",
    KEYS_UNUSABLE:
      "Tokens are needed, and none counts until the file of the service's keys is mended.",
  },
);

const ChangeRef = builder.objectRef<Change>("Change").implement({
  description: "A change, described so that two can only be alike if they do the same to the same.",
  fields: (t) => ({
    kind: t.field({
      ...shared,
      type: ChangeKindRef,
      description: "What is done.",
      resolve: ({ kind }) => kind,
    }),
    subject: t.exposeString("subject", { ...governed, description: "What it is done to." }),
    description: t.string({
      ...governed,
      description:
        "The whole as canonical JSON (RFC 8785): exactly what is sent to the change-rate service.",
      resolve: changeText,
    }),
    digest: t.string({
      ...governed,
      description: "The SHA-256 of that, in 64 hexadecimal digits: what a token must name.",
      resolve: changeDigest,
    }),
  }),
});

export const ChangeTokenNeededRef = builder.objectType(ChangeTokenNeeded, {
  name: "ChangeTokenNeeded",
  interfaces: [ErrorRef],
  description: "This waits for tokens of the change-rate service, one for each change.",
  fields: (t) => ({
    changes: t.field({
      ...shared,
      type: [ChangeRef],
      description: "What to ask the service for: every change without a token.",
      resolve: ({ changes }) => [...changes],
    }),
  }),
});

export const ChangeTokenRefusedRef = builder.objectType(ChangeTokenRefused, {
  name: "ChangeTokenRefused",
  interfaces: [ErrorRef],
  description: "The token does not allow this change; every reason is listed.",
  fields: (t) => ({
    change: t.field({
      ...shared,
      type: ChangeRef,
      description: "What it would have to allow.",
      resolve: ({ change }) => change,
    }),
    reasons: t.field({
      ...shared,
      type: [ChangeTokenFaultRef],
      description: "Every reason.",
      resolve: ({ reasons }) => [...reasons],
    }),
  }),
});
