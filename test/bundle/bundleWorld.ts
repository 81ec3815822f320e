import { randomBytes } from "node:crypto";
import { exportBundle } from "#bundle/exportBundle.ts";
import type { BundleSources } from "#bundle/sources.ts";
import type { Ledger } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { verifyBundle } from "#audit/bundleFile.ts";
import type { BundleReport } from "#audit/bundleReport.ts";
import { type BundleForm, type BundleLine, readBundleLine } from "#proof/bundle.ts";
import { checkpointText } from "#proof/checkpoint.ts";
import { cosigner } from "#proof/cosignature.ts";
import { newNoteKey, noteSigner, signNote } from "#proof/signedNote.ts";
import {
  OWNER,
  RUTH,
  accept,
  acceptAll,
  asking,
  availability,
  enclave,
  goodNews,
  granted,
  manifestOf,
  open,
  record,
  report,
  stateOf,
} from "../ledger/trainWorld.ts";

/** Who may have the full form, and who only the shared one. */
export const AUDITOR: Actor = { actor: "ada", kind: "PERSON", roles: ["AUDITOR"] };
export const VIEWER: Actor = { actor: "vera", kind: "PERSON", roles: ["VIEWER"] };

/** The keys of a deployment and its witness, made anew for each run. */
export function newSigning(origin = "holdfast.example/log") {
  const signer = noteSigner(newNoteKey(origin, randomBytes(32)));
  const witness = cosigner(newNoteKey("witness.example/w1", randomBytes(32)));
  return { origin, signer, witness };
}
export type Signing = ReturnType<typeof newSigning>;

/** Everything that a bundle is made from, on a real ledger. */
export function sourcesOn(ledger: Ledger, { origin, signer, witness }: Signing): BundleSources {
  return {
    ledger,
    notary: {
      doubt: () => null,
      headDoubt: () => Promise.resolve(null),
      async checkpoint() {
        const size = await ledger.sequence();
        const root = await ledger.logRoot(size);
        const text = checkpointText({ origin, size, root, extensions: [] });
        const note = signNote(text, [signer]);
        return { note: `${note}${witness.cosign(text, 1_795_000_000n)}\n`, size };
      },
      sign: (text) => signNote(text, [signer]),
    },
    seen: (packet) => ledger.view(packet),
  };
}

/** The lines of a bundle, which must not be refused. */
export async function exported(
  sources: BundleSources,
  packet: string,
  form: BundleForm,
): Promise<string[]> {
  const bundle = granted(await exportBundle(sources, AUDITOR, { packet, form }));
  const lines: string[] = [];
  for await (const line of bundle.lines) lines.push(line);
  return lines;
}

/** What the lines of a bundle say. */
export function linesOf(lines: readonly string[]): BundleLine[] {
  return lines.map((line) => readBundleLine(Buffer.from(line.slice(0, -1))));
}

/** Checks a bundle with all of its deployment's keys. */
export async function verified(
  bundle: readonly string[] | Uint8Array,
  { signer, witness }: Signing,
  epoch?: bigint,
): Promise<BundleReport> {
  const keys = { keys: [signer.verifierKey], witnesses: [witness.verifierKey], epoch };
  return verifyBundle(inChunks(bundle instanceof Uint8Array ? bundle : [bundle.join("")]), keys);
}

/** Bytes as a file gives them. */
export async function* inChunks(bundle: Uint8Array | readonly string[]) {
  if (bundle instanceof Uint8Array) yield bundle;
  else for (const part of bundle) yield Buffer.from(part);
}

/** Approves a packet as it stands. */
function approve(ledger: Ledger, packet: string): Promise<void> {
  return approveBy(ledger, packet, OWNER);
}

/** Writes an approval by whomever, as no verb would. */
export async function approveBy(ledger: Ledger, packet: string, by: Actor): Promise<void> {
  const { revision, digest } = await headOf(ledger, packet);
  const asker = asking(by, "packetApprove");
  const fact = { kind: "PACKET_APPROVED", revision, digest } as const;
  granted(await ledger.append({ packet, asker, decide: () => fact }));
}

async function headOf(ledger: Ledger, packet: string) {
  const seen = await ledger.state(packet);
  if (seen === null) throw new Error(`there is no packet ${packet}`);
  return { revision: seen.state.revision, digest: seen.digest };
}

/**
 * A packet with a history: held, ready, approved, held again by a new manifest and a placed hold,
 * ready, approved again, and refreshed since. Its gate is OPEN.
 */
export async function seasonedPacket(ledger: Ledger, train: string): Promise<string> {
  const key = { exercise: false, train };
  await acceptAll(ledger, key);
  const { packet } = await open(ledger, key, goodNews());
  await report(ledger, false, [enclave("vault")]);
  await approve(ledger, packet);
  await accept(ledger, key, manifestOf(["app", "lib"]));
  const { facts } = await stateOf(ledger, packet);
  const bindings = { ...facts.bindings, MANIFEST: 2 };
  const bind = { kind: "PACKET_BOUND", bindings } as const;
  granted(await ledger.append({ packet, asker: asking(OWNER, "packetBind"), decide: () => bind }));
  await record(ledger, packet, goodNews(["app", "lib"]));
  for (const kind of ["OPERATOR_HOLD_PLACED", "OPERATOR_HOLD_RELEASED"] as const) {
    const fact = { kind, placement: 1, reason: "a rumour about the east coast" } as const;
    granted(await ledger.append({ packet, asker: asking(RUTH, kind), decide: () => fact }));
  }
  await approve(ledger, packet);
  await record(ledger, packet, [availability("sam", "COMMITTED")]);
  return packet;
}
