import { replaceWhole } from "#outpost/wholeFile.ts";
import { Epoch } from "#packet/epoch.ts";
import { Name } from "#packet/name.ts";
import { z } from "zod";
import { type FileKind, FileUnusable, ownJson, readText } from "./fileKind.ts";

const FORMAT = "holdfast/known-deployment/1";

const KnownText = z.strictObject({
  format: z.literal(FORMAT),
  deployment: z.uuid(),
  /** In hexadecimal. */
  secret: z.string().regex(/^[0-9a-f]{64}$/),
  databaseRole: z.enum(["APPEND_ONLY", "UNRESTRICTED"]),
  epoch: Epoch.nullable(),
  asked: z.array(Name),
  revoked: z.array(Name),
});

/** What a node last knew of its deployment: enough to start, and to let responders in, while the database is away. */
export interface KnownDeployment {
  readonly deployment: string;
  /** What the deployment's keys are derived from: 32 bytes. */
  readonly secret: Uint8Array;
  /** Whether the role that serves can change what was appended. */
  readonly databaseRole: "APPEND_ONLY" | "UNRESTRICTED";
  /** Null before the first is known. */
  readonly epoch: Epoch | null;
  /** Of whom the ledger was asked whether they are revoked, and who of them is. */
  readonly asked: readonly Name[];
  readonly revoked: readonly Name[];
}

const KNOWN: FileKind<KnownDeployment> = {
  what: "the file of what is known of the deployment",
  bytesMax: 4 * 1024 * 1024,
  absent: "there is none yet",
  unusable: (file, faults, cause) => new FileUnusable(KNOWN.what, file, faults, cause),
  parse(file, text) {
    const { format: _format, secret, ...known } = ownJson(KNOWN, KnownText, file, text);
    return { ...known, secret: new Uint8Array(Buffer.from(secret, "hex")) };
  },
};

/** What was kept; null where nothing was. Throws {@link FileUnusable} for a file that is none of ours, or open to all. */
export async function readKnownDeployment(file: string): Promise<KnownDeployment | null> {
  try {
    return KNOWN.parse(file, (await readText(KNOWN, file)).text);
  } catch (fault) {
    if (fault instanceof FileUnusable && isAbsent(fault.cause)) return null;
    throw fault;
  }
}

function isAbsent(fault: unknown): boolean {
  return (fault as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}

/** Keeps what is known, in one node's own file, which is written only where it differs. */
export class KnownDeploymentFile {
  readonly #file: string;
  #text: string | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  /** Puts it in place of what was kept before: after a crash one of the two is there, whole. */
  async keep(known: KnownDeployment): Promise<void> {
    const { deployment, secret, databaseRole, epoch, asked, revoked } = known;
    const text = JSON.stringify({
      format: FORMAT,
      deployment,
      secret: Buffer.from(secret).toString("hex"),
      databaseRole,
      epoch: epoch?.toString() ?? null,
      asked: asked.toSorted(),
      revoked: revoked.toSorted(),
    });
    if (text === this.#text) return;
    await replaceWhole(this.#file, `${text}\n`, 0o600);
    this.#text = text;
  }
}
