import { GraphQLList, GraphQLNonNull, coerceInputValue } from "graphql";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { EntryKind, PacketReport } from "#packet/entry.ts";
import type { Path } from "#packet/refusal.ts";
import { SourceKind } from "#packet/source.ts";
import { callersPath, domainInput } from "#graphql/input/domainInput.ts";
import { FORMS, type Form } from "./inputForms.ts";
import { inputNamed } from "./typesUnderTest.ts";

type Json = { [step: string]: unknown };

/** Every place inside a value: where it is and what stands there. */
function placesIn(value: unknown, at: Path = []): { path: Path; value: unknown }[] {
  const here = at.length === 0 ? [] : [{ path: at, value }];
  if (Array.isArray(value)) {
    return [...here, ...value.flatMap((item, index) => placesIn(item, [...at, index]))];
  }
  if (typeof value !== "object" || value === null) return here;
  const inside = Object.entries(value).flatMap(([name, item]) => placesIn(item, [...at, name]));
  return [...here, ...inside];
}

/** The value with another one planted at a place. */
function planted(value: unknown, [step, ...rest]: Path, fault: unknown): unknown {
  if (step === undefined) return fault;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as Json) }) as Json;
  copy[step] = planted(copy[step], rest, fault);
  return copy;
}

/** What may stand nowhere: no text has a NUL, no number is negative, and no element is nothing. */
function faultFor(value: unknown): unknown {
  if (typeof value === "string") return "\0";
  if (typeof value === "number") return -1;
  return Array.isArray(value) ? [{}] : undefined;
}

/** Where the caller is told that faults are. */
function told({ type, words }: Form, sent: unknown): string[] {
  const input = inputNamed(type);
  const issues = words.safeParse(domainInput(input, sent)).error?.issues ?? [];
  return issues.map((issue) => callersPath(input, sent, issue.path as Path).join("."));
}

describe.each(FORMS)("$title", (form) => {
  const type = inputNamed(form.type);

  test("is what GraphQL takes, and what the domain reads", () => {
    const faults: string[] = [];
    const taken: unknown = coerceInputValue(form.sent, type, (path, _, error) =>
      faults.push(`${path.join(".")}: ${error.message}`),
    );
    expect(faults).toEqual([]);
    expect(domainInput(type, taken)).toEqual(form.read);
    expect(form.words.safeParse(domainInput(type, taken)).error).toBeUndefined();
  });

  test("what is null counts as left out", () => {
    const absent = placesIn(form.sent)
      .filter(({ path }) => ["note", "observedEpoch"].includes(String(path.at(-1))))
      .map(({ path }) => planted(form.sent, path, null));
    for (const sent of absent) expect(told(form, sent)).toEqual([]);
  });

  const leaves = placesIn(form.sent).filter(({ value }) => faultFor(value) !== undefined);
  test.each(leaves.map(({ path, value }) => [path.join("."), path, value] as const))(
    "a fault at %s is told by that path",
    (at, path, value) => {
      const fault = faultFor(value);
      const paths = told(form, planted(form.sent, path, fault));
      const place = Array.isArray(fault) ? `${at}.0` : at;
      expect(paths.some((one) => one === place || one.startsWith(`${place}.`))).toBe(true);
    },
  );
});

test("every kind of source and of entry has a form", () => {
  const kinds = new Set(FORMS.map(({ title }) => title.split(",")[0]));
  // Nobody asks for an exercise to be recorded.
  const asked = EntryKind.exclude(["EMERGENCY_EXERCISE"]).options;
  const known: readonly string[] = [...SourceKind.options, ...asked];
  expect(known.filter((kind) => !kinds.has(kind))).toEqual([]);
});

describe("in a list of reports", () => {
  const type = new GraphQLNonNull(
    new GraphQLList(new GraphQLNonNull(inputNamed("PacketReportInput") as never)),
  );
  const words = z.array(PacketReport);
  const reports = FORMS.filter((form) => form.type === "PacketReportInput");
  const sent = reports.map((form) => form.sent);

  test("each is read by its own kind", () => {
    expect(domainInput(type, sent)).toEqual(reports.map((form) => form.read));
  });

  test("every fault is told with the index and the member of its report", () => {
    const faulty = reports.map(({ sent: one }) => {
      const first = placesIn(one).find(({ value }) => typeof value === "string");
      if (first === undefined) throw new TypeError("a report without a text");
      return { path: first.path, sent: planted(one, first.path, "\0") };
    });
    const input = faulty.map((one) => one.sent);
    const issues = words.safeParse(domainInput(type, input)).error?.issues ?? [];
    expect(issues.map(({ path }) => callersPath(type, input, path as Path))).toEqual(
      faulty.map(({ path }, index) => [index, ...path]),
    );
  });

  test("one report without a list around it is a list of one", () => {
    const [first] = reports;
    expect(domainInput(type, first?.sent)).toEqual([first?.read]);
    expect(callersPath(type, first?.sent, [0, "artifact"])).toEqual([
      0,
      "digestConfirmation",
      "artifact",
    ]);
  });
});

describe("faults that are of several members", () => {
  const pick = (title: string): Form => {
    const found = FORMS.find((form) => form.title === title);
    if (found === undefined) throw new TypeError(`no form ${title}`);
    return found;
  };

  test.each([
    ["ENCLAVE_REPORT", ["enclaveReport", "seal"], null, "enclaveReport.seal"],
    ["ENCLAVE_REPORT", ["enclaveReport", "sealing"], "UNSEALED", "enclaveReport.seal"],
    [
      "SHIPMENT_WINDOW",
      ["shipmentWindow", "endsAt"],
      "2025-01-01T00:00:00Z",
      "shipmentWindow.endsAt",
    ],
    ["MANIFEST", ["manifest", "artifacts", 1, "name"], "APP", "manifest.artifacts.1"],
    ["MANIFEST", ["manifest", "artifacts"], [], "manifest.artifacts"],
    [
      "ROLLBACK_SCOPE",
      ["rollbackScope", "packages", 0, "component"],
      "x",
      "rollbackScope.packages.0.component",
    ],
    ["QUORUM_POLICY", ["quorumPolicy", "minCustodyGroups"], 9, "quorumPolicy.minCustodyGroups"],
    ["APPROVAL_LANE", ["authorities"], [], "authorities"],
    [
      "QUARANTINE, of a manifest",
      ["quarantine", "selector", "manifest"],
      0,
      "quarantine.selector.manifest",
    ],
    ["the bindings", ["rollbackScope"], 0, "rollbackScope"],
  ] as const)("%s: %j", (title, path, value, at) => {
    const form = pick(title);
    expect(told(form, planted(form.sent, path, value))).toContain(at);
  });
});
