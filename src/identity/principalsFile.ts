import { z } from "zod";
import { ActorKind, Role } from "#packet/actor.ts";
import { HOLDFAST } from "#packet/fact.ts";
import { Name } from "#packet/name.ts";
import { ReportScopes } from "#packet/reportScope.ts";
import { type FileKind, FileUnusable, jsonOf, readText, toldOf } from "./fileKind.ts";

const PRINCIPALS_MAX = 10_000;
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** At least one role, and none twice. */
export const Roles = z
  .array(Role)
  .min(1, "must have at least one role")
  .refine((roles) => new Set(roles).size === roles.length, "must not repeat a role")
  .readonly();

/** The name of somebody who asks: any but the one under which things happen by themselves. */
export const AskersName = Name.refine(
  (name) => name.toLowerCase() !== HOLDFAST.actor,
  "is what this service calls itself",
);

/** What is said of somebody beside their token. */
export const PrincipalWords = z.strictObject({
  name: AskersName,
  kind: ActorKind,
  roles: Roles,
  /** All that a service may report; left out there is no such bound. */
  reports: ReportScopes.optional(),
  /** Whether a person may sign in offline, with a key of their own. */
  responder: z.literal(true, "must be true, or be left out").optional(),
});

/** Somebody who may ask, and the SHA-256 of the token that shows it is them if they have one. */
export const Principal = z
  .strictObject({
    ...PrincipalWords.shape,
    tokenSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits: the token's SHA-256")
      .optional(),
  })
  .superRefine(refuseOfKind);
export type Principal = z.infer<typeof Principal>;

/** Only a service is scoped, and only a person is a responder. */
export function refuseOfKind(
  { kind, reports, responder }: z.output<typeof PrincipalWords>,
  context: z.core.$RefinementCtx,
): void {
  const refuse = (member: string, message: string): void => {
    context.addIssue({ code: "custom", path: [member], message });
  };
  if (kind === "PERSON" && reports !== undefined) refuse("reports", "is for a SYSTEM alone");
  if (kind === "SYSTEM" && responder !== undefined) refuse("responder", "is for a PERSON alone");
}

/** The whole file: no two principals of one name, whatever its case, and none of one token. */
export const PrincipalsFile = z
  .strictObject({
    principals: z
      .array(Principal)
      .max(PRINCIPALS_MAX, `must not have more than ${PRINCIPALS_MAX} principals`)
      .readonly(),
  })
  .superRefine(({ principals }, context) => {
    for (const { path, message } of doubles(principals)) {
      context.addIssue({ code: "custom", path: ["principals", ...path], message });
    }
  });

/** The principals file cannot be used; see {@link FileUnusable}. */
export class PrincipalsUnusable extends FileUnusable {
  override readonly name = "PrincipalsUnusable";

  constructor(file: string, faults: readonly string[], cause?: unknown) {
    super(WHAT, file, faults, cause);
  }
}

const WHAT = "the principals file";

/** How a principals file is read. */
export const PRINCIPALS: FileKind<readonly Principal[]> = {
  what: WHAT,
  bytesMax: FILE_BYTES_MAX,
  absent: "add the first principal with `npm run principal -- add`",
  unusable: (file, faults, cause) => new PrincipalsUnusable(file, faults, cause),
  parse: parsePrincipals,
};

/** Reads the file. Throws {@link PrincipalsUnusable}. */
export async function readPrincipals(
  file: string,
): Promise<{ readonly principals: readonly Principal[] }> {
  const { text } = await readText(PRINCIPALS, file);
  return { principals: parsePrincipals(file, text) };
}

function parsePrincipals(file: string, text: string): readonly Principal[] {
  const json = jsonOf(text);
  if ("fault" in json) throw new PrincipalsUnusable(file, [json.fault]);
  const parsed = PrincipalsFile.safeParse(json.value);
  if (parsed.success) return parsed.data.principals;
  throw new PrincipalsUnusable(file, parsed.error.issues.map(toldOf));
}

interface Double {
  readonly path: readonly [number, "name" | "tokenSha256"];
  readonly message: string;
}

function doubles(principals: readonly Principal[]): Double[] {
  const found: Double[] = [];
  const seen = new Map<string, number>();
  for (const [index, { name, tokenSha256 }] of principals.entries()) {
    const values = [
      ["name", `name ${name.toLowerCase()}`],
      ["tokenSha256", tokenSha256 === undefined ? null : `token ${tokenSha256}`],
    ] as const;
    for (const [member, value] of values) {
      if (value === null) continue;
      const first = seen.get(value) ?? index;
      seen.set(value, first);
      if (first === index) continue;
      found.push({ path: [index, member], message: `is that of principals.${first} already` });
    }
  }
  return found;
}
