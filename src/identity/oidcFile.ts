import { z } from "zod";
import { ActorKind } from "#packet/actor.ts";
import { ReportScopes } from "#packet/reportScope.ts";
import { type FileKind, FileUnusable, jsonOf, toldOf } from "./fileKind.ts";
import { AskersName, Roles } from "./principalsFile.ts";

const FILE_BYTES_MAX = 1024 * 1024;
const TEXT_LENGTH_MAX = 512;
const MAPPINGS_MAX = 1_000;
const BARRED_MAX = 10_000;
const STEPS_MAX = 8;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Signatures whose verifier cannot make them: no shared secret, and never `none` (RFC 8725, 3.1 and 3.2). */
const ASYMMETRIC = [
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
  "PS256",
  "PS384",
  "PS512",
  "RS256",
  "RS384",
  "RS512",
] as const;

const Said = z
  .string()
  .min(1, "must not be empty")
  .max(TEXT_LENGTH_MAX, `must be at most ${TEXT_LENGTH_MAX} characters`);

const STEPS = `must be a claim's name, or a list of at most ${STEPS_MAX} names that lead to it`;

/** Where a token says something: the name of a claim, or the names of the members that lead to it. */
const Claim = z.union(
  [Said.transform((name) => [name]), z.array(Said).min(1, STEPS).max(STEPS_MAX, STEPS)],
  STEPS,
);

const SecureUrl = z
  .string()
  .refine(
    isSecure,
    "must be an https:// address, or one of this machine, without user or password",
  );

/** Where the provider's keys are; how often, and for how long the last good ones count, in milliseconds. */
const KeySource = z.union(
  [
    z
      .strictObject({
        url: SecureUrl,
        /** How old the keys may grow before they are asked for anew. */
        refreshMs: between(1_000, DAY_MS).default(5 * 60_000),
        /** The least time between two questions, however many unknown keys are named. */
        pauseMs: between(1_000, 60 * 60_000).default(30_000),
        /** How long the last good keys count while the provider does not answer. */
        keptMs: between(1_000, 7 * DAY_MS).default(12 * 60 * 60_000),
      })
      .refine(({ refreshMs, keptMs }) => keptMs >= refreshMs, {
        path: ["keptMs"],
        message: "must not be shorter than refreshMs",
      }),
    z.strictObject({ file: Said }),
  ],
  'must be { "url": ... } or { "file": ... }, with no other members than those of the documentation',
);
export type KeySource = z.output<typeof KeySource>;

/** What a value of a claim makes of whoever brings it. */
const Mapping = z
  .strictObject({
    claim: Claim,
    value: Said,
    kind: ActorKind.optional(),
    roles: Roles.optional(),
    /** All that a service may report; left out there is no such bound. */
    reports: ReportScopes.optional(),
  })
  .refine(({ kind, roles }) => kind !== undefined || roles !== undefined, {
    message: "must give a kind, or roles",
  })
  .refine(({ kind, reports }) => reports === undefined || kind === "SYSTEM", {
    path: ["reports"],
    message: "is for a mapping that makes a SYSTEM",
  });
export type Mapping = z.output<typeof Mapping>;

/** Somebody whose tokens do not count: none, or none that was issued before a time. */
const Barred = z.strictObject({
  name: AskersName,
  issuedBefore: z.iso.datetime("must be a time in UTC: 2026-11-22T08:00:00Z").optional(),
});
export type Barred = z.output<typeof Barred>;

/** The configuration of an OpenID Connect provider. */
export const OidcFile = z.strictObject({
  issuer: SecureUrl,
  audience: z.array(Said).min(1, "must not be empty").max(16),
  algorithms: z
    .array(z.enum(ASYMMETRIC, `must be of ${ASYMMETRIC.join(", ")}`))
    .min(1, "must not be empty"),
  keys: KeySource,
  nameClaim: Claim,
  mappings: z.array(Mapping).min(1, "must not be empty: nobody could come").max(MAPPINGS_MAX),
  /** How far the provider's clock may be ahead of ours. */
  aheadMsMax: between(0, 60_000).default(0),
  /** The longest that a token may still last when it comes. */
  lifetimeMsMax: between(1_000, 7 * DAY_MS).default(DAY_MS),
  barred: z.array(Barred).max(BARRED_MAX).default([]),
});
export type OidcFile = z.output<typeof OidcFile>;

/** The file about the identity provider cannot be used; see {@link FileUnusable}. */
export class OidcUnusable extends FileUnusable {
  override readonly name = "OidcUnusable";

  constructor(file: string, faults: readonly string[], cause?: unknown) {
    super(WHAT, file, faults, cause);
  }
}

const WHAT = "the identity provider's file";

/** How that file is read. */
export const OIDC: FileKind<OidcFile> = {
  what: WHAT,
  bytesMax: FILE_BYTES_MAX,
  absent: "write it, or unset HOLDFAST_OIDC",
  unusable: (file, faults, cause) => new OidcUnusable(file, faults, cause),
  parse(file, text) {
    const json = jsonOf(text);
    if ("fault" in json) throw new OidcUnusable(file, [json.fault]);
    const parsed = OidcFile.safeParse(json.value);
    if (parsed.success) return parsed.data;
    throw new OidcUnusable(file, parsed.error.issues.map(toldOf));
  },
};

function between(min: number, max: number) {
  const message = `must be a whole number of milliseconds from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
}

/** What comes over a network in the clear may come from anybody. */
function isSecure(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  const isOwn = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && isOwn);
}
