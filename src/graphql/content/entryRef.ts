import type { Entry } from "#packet/entry.ts";
import { builder } from "../builder.ts";

export const EntryRef = builder.interfaceRef<Entry>("Entry");
