import { isInputType, isInterfaceType, isOutputType } from "graphql";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ActorKind } from "#packet/actor.ts";
import { EntryKind, PacketReport, type Receipt, SharedReport } from "#packet/entry.ts";
import { EmergencyExercise } from "#packet/emergencyReport.ts";
import { Epoch, ReportNumber } from "#packet/epoch.ts";
import { Digest, Id, Name } from "#packet/name.ts";
import {
  ApprovalLane,
  Bindings,
  SourceContent,
  SourceKind,
  SourceProposal,
  SourceReceipt,
} from "#packet/source.ts";
import * as wishes from "#packet/wish.ts";
import { inputDisagreements, outputDisagreements } from "./disagreements.ts";
import { shapeOf } from "./domainShape.ts";
import { schema, typeOfKind } from "./typesUnderTest.ts";

function inputFaults(words: z.ZodType, name: string): string[] {
  const type = schema.getType(name);
  return isInputType(type) ? inputDisagreements(shapeOf(words), type, name) : [`no ${name}`];
}

function outputFaults(words: z.ZodType, name: string): string[] {
  const type = schema.getType(name);
  return isOutputType(type) ? outputDisagreements(shapeOf(words), type, name) : [`no ${name}`];
}

const REPORTS = [...PacketReport.options, ...SharedReport.options, EmergencyExercise];

/** What the server adds to a report when it becomes an entry. */
const receipt = {
  entry: Id,
  reporter: Name,
  reporterKind: ActorKind,
  observedEpoch: Epoch,
  recordedEpoch: Epoch,
  reportNumber: ReportNumber.nullable(),
} satisfies Record<keyof Receipt, z.ZodType>;

/** What an entry shows that is not kept, but follows from its signature and its reporter. */
const DERIVED = ["signatureKey", "isSigned"];

function entryTypeOf(kind: EntryKind): string {
  return typeOfKind(schema.getType("Entry"), "kind", kind);
}

describe("inputs say what the domain reads", () => {
  test.each([
    ["SourceProposalInput", SourceProposal],
    ["ApprovalLaneInput", ApprovalLane],
    ["BindingsInput", Bindings],
    ["PacketReportInput", PacketReport],
    ["SharedReportInput", SharedReport],
  ] as const)("%s", (name, words) => {
    expect(inputFaults(words, name)).toEqual([]);
  });

  const typed = Object.entries(wishes)
    .map(([name, words]) => [`${name}Input`, words] as const)
    .filter(([name]) => schema.getType(name) !== undefined);
  test.each(typed)("%s", (name, words) => {
    expect(inputFaults(words, name)).toEqual([]);
  });
});

describe("outputs say what the domain keeps", () => {
  test("SourceContent has a type for every kind of source", () => {
    expect(outputFaults(SourceContent, "SourceContent")).toEqual([]);
    const union = schema.getType("SourceContent");
    expect(new Set(SourceKind.options.map((kind) => typeOfKind(union, "kind", kind))).size).toBe(
      14,
    );
  });

  test("AcceptedSource", () => {
    const accepted = z.strictObject({ ...SourceReceipt.shape, content: SourceContent });
    expect(outputFaults(accepted, "AcceptedSource")).toEqual([]);
  });

  test("Entry has the receipt, and a type for every kind", () => {
    const entry = schema.getType("Entry");
    const fields = isInterfaceType(entry) ? Object.keys(entry.getFields()) : [];
    const told = ["kind", "note", "signature", ...DERIVED, ...Object.keys(receipt)];
    expect(fields.toSorted()).toEqual(told.toSorted());
    const types = isInterfaceType(entry) ? schema.getPossibleTypes(entry) : [];
    expect(types.map(({ name }) => name).toSorted()).toEqual(
      EntryKind.options.map(entryTypeOf).toSorted(),
    );
  });

  test.each(EntryKind.options)("an entry of kind %s", (kind) => {
    const report = REPORTS.find((one) => one.shape.kind.value === kind);
    const kept = z.strictObject({ ...report?.shape, ...receipt });
    const type = entryTypeOf(kind);
    const derived = kind === "AVAILABILITY" ? [...DERIVED, "how"] : DERIVED;
    expect(outputFaults(kept, type).toSorted()).toEqual(
      derived.map((name) => `${type}.${name}: is too much`).toSorted(),
    );
  });
});

describe("a disagreement is seen", () => {
  const { shape } = Bindings;
  const versions = { MANIFEST: shape.MANIFEST, TRUSTED_BRANCH: shape.TRUSTED_BRANCH };

  test("when the domain has a member more or less", () => {
    expect(inputFaults(z.strictObject({ ...shape, ROSTER: z.int() }), "BindingsInput")).toEqual([
      "BindingsInput.roster: is missing",
    ]);
    expect(inputFaults(z.strictObject(versions), "BindingsInput")).toEqual([
      "BindingsInput.reproducibilityPolicy: is too much",
      "BindingsInput.rollbackScope: is too much",
    ]);
  });

  test("when a member may be left out, may be null, or has another form", () => {
    const custody = (changed: z.ZodRawShape): string[] =>
      inputFaults(
        z.strictObject({ ...PacketReport.options[3].omit({ kind: true }).shape, ...changed }),
        "CustodyInput",
      );
    expect(custody({})).toEqual([]);
    expect(custody({ package: Name.optional() })).toEqual(["CustodyInput.package: must be given"]);
    expect(custody({ note: Name })).toEqual(["CustodyInput.note: may be left out"]);
    expect(custody({ seal: Name.optional() })).toEqual([
      "CustodyInput.seal: reads as null when absent",
    ]);
    expect(custody({ note: Name.nullable() })).toEqual([
      "CustodyInput.note: does not read as null when absent",
    ]);
    expect(custody({ package: z.array(Name) })).toEqual(["CustodyInput.package: is no list"]);
    expect(custody({ digest: Name })).toEqual([]);
    expect(custody({ package: Digest })).toEqual(["CustodyInput.package: is String, not Digest"]);
    expect(custody({ status: z.enum(["HELD", "LOST"]) })).toEqual([
      "CustodyInput.status.LOST: is missing",
      "CustodyInput.status.RELEASED: is too much",
    ]);
  });

  test("when a union has a kind more or less", () => {
    const [first, ...others] = PacketReport.options;
    expect(others.length).toBe(6);
    expect(inputFaults(z.discriminatedUnion("kind", [first]), "PacketReportInput")).toHaveLength(6);
    expect(inputFaults(PacketReport, "SharedReportInput")).toContain(
      "SharedReportInput.custody: is missing",
    );
  });

  test("when an output has a field more, less, or of another form", () => {
    const kept = SourceReceipt.shape;
    const seen = (words: z.ZodRawShape): string[] =>
      outputFaults(z.strictObject({ ...kept, content: SourceContent, ...words }), "AcceptedSource");
    expect(seen({ reason: Name })).toEqual(["AcceptedSource.reason: is missing"]);
    expect(seen({ version: kept.version.optional() })).toEqual([
      "AcceptedSource.version: cannot be null",
    ]);
    expect(seen({ digest: z.array(Digest) })).toEqual(["AcceptedSource.digest: is no list"]);
    expect(seen({ acceptedEpoch: Name })).toEqual([
      "AcceptedSource.acceptedEpoch: is Epoch, not String",
    ]);
    expect(outputFaults(SourceReceipt, "AcceptedSource")).toEqual([
      "AcceptedSource.content: is too much",
    ]);
  });
});
