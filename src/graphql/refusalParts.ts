import type { Fault, Held, Refusal } from "#packet/refusal.ts";
import { builder, governed, shared } from "./builder.ts";
import { HoldCodeRef } from "./enums.ts";
import { refusalName } from "./refusalNames.ts";

export const ErrorRef = builder.interfaceRef<Refusal>("Error").implement({
  description: "Why nothing was done: a typed refusal that a program can act on.",
  fields: (t) => ({
    code: t.exposeString("code", {
      ...shared,
      description: "The cause, LIKE_THIS: it never changes its meaning.",
    }),
    message: t.exposeString("message", {
      ...shared,
      description: "What was wrong and what to do, for a person. It repeats no secret.",
    }),
  }),
  resolveType: (answer) => refusalName(answer),
});

export const FaultRef = builder.objectRef<Fault>("Fault").implement({
  description: "One fault of an input.",
  fields: (t) => ({
    path: t.stringList({
      ...shared,
      description: "Where in the arguments: names of fields and indices of lists.",
      resolve: ({ path }) => path.map(String),
    }),
    message: t.exposeString("message", {
      ...shared,
      description: "What is wrong there and what to do.",
    }),
  }),
});

export const OpenHoldNameRef = builder.objectRef<Held["holds"][number]>("OpenHoldName").implement({
  description: "What one open hold is called.",
  fields: (t) => ({
    code: t.field({
      ...shared,
      type: HoldCodeRef,
      description: "Why.",
      resolve: ({ code }) => code,
    }),
    subject: t.exposeString("subject", { ...governed, description: "What it is about." }),
  }),
});
