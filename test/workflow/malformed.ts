import util from "node:util";
import { BAD_VALUES, STRAY_MEMBERS } from "./badValues.ts";
import { FIELDS, LISTS, type ListBounds, NULLABLE, OPTIONAL } from "./fields.ts";
import type { Wire } from "./trains.ts";

/** Where in an input. */
export type Place = readonly (string | number)[];

/** An input with one fault. */
export interface Malformed {
  readonly what: string;
  readonly input: unknown;
  /** Where a refusal must say that the fault is. */
  readonly place: Place;
}

/** A node of an input with everything that holds it, the nearest last. */
interface Node {
  readonly value: unknown;
  readonly place: Place;
  readonly within: readonly Wire[];
}

/** Every way in which each part of an accepted input can be wrong by itself. */
export function malformed(verb: string, input: unknown): Malformed[] {
  return nodesOf(input, [], []).flatMap((node) => {
    const faults = faultsOf(verb, node);
    return faults.map(({ what, value, at = node.place }) => ({
      what: `${node.place.join(".")} ${what}`,
      input: replaced(input, node.place, value),
      place: at,
    }));
  });
}

interface Fault {
  readonly what: string;
  readonly value: unknown;
  readonly at?: Place;
}

function nodesOf(value: unknown, place: Place, within: readonly Wire[]): Node[] {
  const node = { value, place, within };
  if (Array.isArray(value)) {
    // Elements are alike: the first and the last stand for all.
    const ends = [...new Set([0, value.length - 1])].filter((index) => index in value);
    return [node, ...ends.flatMap((index) => nodesOf(value[index], [...place, index], within))];
  }
  if (!isWire(value)) return [node];
  const members = Object.entries(value);
  return [
    node,
    ...members.flatMap(([name, member]) => nodesOf(member, [...place, name], [...within, value])),
  ];
}

function isWire(value: unknown): value is Wire {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function faultsOf(verb: string, node: Node): Fault[] {
  const { value, place } = node;
  if (Array.isArray(value)) return listFaults(value, place, boundsOf(verb, node));
  if (isWire(value)) return objectFaults(verb, value, place);
  return scalarFaults(verb, node);
}

function fieldOf(place: Place): string {
  return place.findLast((step) => typeof step === "string") ?? "";
}

function kindAround({ within }: Node): string {
  return String(within.findLast((holder) => "kind" in holder)?.["kind"]);
}

function objectFaults(verb: string, value: Wire, place: Place): Fault[] {
  const wrong = [null, [], [value], "text", 7, true].map((other) => ({
    what: `is ${JSON.stringify(other)?.slice(0, 20)}`,
    value: other,
  }));
  const missing = Object.keys(value)
    .filter((name) => !OPTIONAL.has(name) && !OPTIONAL.has(`${verb}.${name}`))
    .map((name) => ({ what: `has no ${name}`, value: without(value, name), at: [...place, name] }));
  const stray = STRAY_MEMBERS.map((name) => ({
    what: `has ${name}`,
    value: withOwn(value, name, { isAdmin: true }),
  }));
  return [...wrong, ...missing, ...stray];
}

function listFaults(list: readonly unknown[], place: Place, bounds: ListBounds): Fault[] {
  const faults: Fault[] = [null, "text", 7, {}, { 0: list[0], length: 1 }].map((other) => ({
    what: `is ${JSON.stringify(other)?.slice(0, 20)}`,
    value: other,
  }));
  const over = Array.from({ length: bounds.max + 1 }, (_none, index) => list[index % list.length]);
  faults.push({ what: `has ${over.length} elements`, value: over });
  if (!bounds.mayBeEmpty) faults.push({ what: "is empty", value: [] });
  if (bounds.distinctBy === undefined || list.length >= bounds.max) return faults;
  const repeated = {
    what: "repeats an element",
    value: [...list, list[0]],
    at: [...place, list.length],
  };
  const alike = lookAlike(list[0], bounds.distinctBy);
  if (alike === null) return [...faults, repeated];
  const folded = { what: "has a look-alike", value: [...list, alike], at: [...place, list.length] };
  return [...faults, repeated, folded];
}

/** The same but for the case of its name; null where the name is one of a few words. */
function lookAlike(element: unknown, distinctBy: string): unknown {
  if (typeof element === "string") {
    return FIELDS[element] === undefined && element === element.toLowerCase()
      ? element.toUpperCase()
      : null;
  }
  if (!isWire(element)) return null;
  const name = element[distinctBy];
  if (typeof name !== "string" || name !== name.toLowerCase()) return null;
  return { ...element, [distinctBy]: name.toUpperCase() };
}

function scalarFaults(verb: string, node: Node): Fault[] {
  const { place, value } = node;
  const kind = fieldKindOf(verb, node);
  const field = fieldOf(place);
  const mayBeNull = NULLABLE.has(`${kindAround(node)}.${field}`);
  return BAD_VALUES[kind]
    .filter((bad) => !Object.is(bad, value) && !(bad === null && mayBeNull))
    .map((bad) => ({ what: `is ${shown(bad)}`, value: bad }));
}

function fieldKindOf(verb: string, node: Node): keyof typeof BAD_VALUES {
  const field = fieldOf(node.place);
  if (field === "") return "ID";
  if (field === "digest" && (verb === "packetApprove" || kindAround(node) === "APPROVAL")) {
    return "REVISION_DIGEST";
  }
  if (field === "digest" && verb === "laneConfirm") return "SHA256";
  const kind = FIELDS[field];
  if (kind === undefined) throw new Error(`fields.ts does not know ${field}`);
  return kind;
}

function boundsOf(verb: string, node: Node): ListBounds {
  const field = fieldOf(node.place);
  const isShared = [
    "sharedRecord",
    "enclaveReport",
    "credentialRevoke",
    "componentReport",
    "componentDeclare",
    "releaseInitialise",
    "keyRotate",
    "emergencyPlanReport",
  ].includes(verb);
  const around = isShared || kindAround(node) === "SHARED_ENTRIES" ? "SHARED" : kindAround(node);
  const names = [`${verb}.${field}`, `${kindAround(node)}.${field}`, `${around}.${field}`, field];
  const bounds = names.map((name) => LISTS[name]).find((found) => found !== undefined);
  if (bounds === undefined) throw new Error(`fields.ts does not know the list ${field}`);
  return bounds;
}

function shown(value: unknown): string {
  return typeof value === "string"
    ? `"${value.slice(0, 24)}"`
    : typeof value === "object"
      ? JSON.stringify(value)
      : `${typeof value} ${util.inspect(value)}`;
}

function replaced(input: unknown, place: Place, value: unknown): unknown {
  const [step, ...rest] = place;
  if (step === undefined) return value;
  if (Array.isArray(input)) {
    return input.map((element: unknown, index) =>
      index === step ? replaced(element, rest, value) : element,
    );
  }
  const members = input as Wire;
  return { ...members, [step]: replaced(members[step], rest, value) };
}

function without(value: Wire, name: string): Wire {
  return Object.fromEntries(Object.entries(value).filter(([member]) => member !== name));
}

/** As JSON.parse makes it: `__proto__` too is a member of the object's own. */
function withOwn(value: Wire, name: string, member: unknown): Wire {
  const copy = { ...value };
  Object.defineProperty(copy, name, {
    value: member,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return copy;
}
