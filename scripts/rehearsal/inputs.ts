import type { z } from "zod";
import type { PacketReport, SharedReport } from "#packet/entry.ts";
import type { ApprovalLane, Bindings, SourceProposal } from "#packet/source.ts";

/** Entries as people and systems send them: epochs are decimal strings. */
export type PacketEntry = z.input<typeof PacketReport>;
export type SharedEntry = z.input<typeof SharedReport>;

/** A member of a union as the API wants it: one field, named after its kind. */
type OneOf = Readonly<Record<string, object | number>>;

/** `DIGEST_CONFIRMATION` to `digestConfirmation`. */
function fieldName(constant: string): string {
  return constant
    .toLowerCase()
    .replaceAll(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Takes whatever a member of a union has beside its kind. */
function oneOf({
  kind,
  ...members
}: {
  readonly kind: string;
  readonly [member: string]: unknown;
}): OneOf {
  return { [fieldName(kind)]: members };
}

/** A `PacketReportInput`. */
export function packetReportInput(entry: PacketEntry): OneOf {
  if (entry.kind !== "QUARANTINE") return oneOf(entry);
  return oneOf({ ...entry, selector: selectorInput(entry.selector) });
}

function selectorInput(
  selector: Extract<PacketEntry, { kind: "QUARANTINE" }>["selector"],
): Readonly<Record<string, string | number>> {
  if (selector.by === "MANIFEST") return { manifest: selector.version };
  return selector.by === "DIGEST" ? { digest: selector.digest } : { location: selector.location };
}

/** A `SharedReportInput`. */
export function sharedReportInput(entry: SharedEntry): OneOf {
  return oneOf(entry);
}

/** A `SourceProposalInput`. */
export function sourceInput(source: z.input<typeof SourceProposal>): OneOf {
  return oneOf(source);
}

/** An `ApprovalLaneInput`. */
export function laneInput({ owner, authorities }: z.input<typeof ApprovalLane>): object {
  return { owner, authorities };
}

/** A `BindingsInput`. */
export function bindingsInput(bindings: Bindings): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(bindings).map(([kind, version]) => [fieldName(kind), version]),
  );
}
