import { access, readFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { openEmbedded } from "#database/embedded.ts";
import { DirectoryHeld } from "#database/embeddedFaults.ts";
import type { AnchorKeys } from "#audit/anchors.ts";
import { verifyBundleFile } from "#audit/bundleFile.ts";
import { type Finding, findingText } from "#audit/finding.ts";
import type { SignatureCounts } from "#audit/signatures.ts";
import { type AuditResult, type Progress, verifyLineage } from "#audit/verifyLineage.ts";
import { Id } from "#packet/name.ts";
import { AllowedSigners, parseAllowedSigners } from "#proof/allowedSigners.ts";
import { hex } from "#proof/digest.ts";
import { type NoteVerifier, decodeNote, noteVerifier } from "#proof/signedNote.ts";

const HELP = `Derives everything again, from the rows of a database or from a bundle, and compares.

  npm run verify                  the database of DATABASE_URL; without it the embedded one in
                                  HOLDFAST_DATA or .holdfast, which no server may be running on
  npm run verify -- bundle FILE   an exported bundle: neither a database nor a network is asked

  --database URL     another database
  --chain-only       order, digests, links, positions and the log's root; nothing is judged
  --deployment ID    the deployment that it must be
  --checkpoint FILE  a checkpoint that was kept elsewhere and that the log must continue; repeatable,
                     and only with --key
  --key VKEY         the deployment's verifier key: every checkpoint must be signed with it
  --witness VKEY     a witness's verifier key: every checkpoint must be cosigned by it; repeatable
  --epoch EPOCH      for a bundle: the epoch at which to tell whether the gate is OPEN
  --allowed-signers FILE
                     who may have signed with which key, as ssh-keygen takes it: every signature
                     must be by a key listed for whoever is said to have signed
  --json             one line of JSON for each finding, then one for the whole
  --help             this text

Exit code: 0 if everything was checked and right, 1 for findings, 2 if it could not be checked.
`;

const BAR_WIDTH = 30;
/** The bar is drawn at most so often. */
const DRAW_EVERY_MS = 100;

process.exitCode = await run(process.argv.slice(2));

interface Asked {
  /** Null for a database. */
  readonly bundle: string | null;
  readonly database: string | null;
  readonly chainOnly: boolean;
  readonly deployment: string | null;
  readonly checkpoints: readonly string[];
  readonly key: string | null;
  readonly witnesses: readonly string[];
  readonly epoch: bigint | null;
  readonly allowedSigners: string | null;
  readonly json: boolean;
}

/** Does what the command line says, and resolves to the exit code. */
async function run(args: readonly string[]): Promise<number> {
  try {
    const asked = askedBy(args);
    if (asked === null) {
      process.stdout.write(HELP);
      return 0;
    }
    return asked.bundle === null
      ? await checkDatabase(asked)
      : await checkBundle(asked, asked.bundle);
  } catch (fault) {
    const isOfTheLine = fault instanceof TypeError;
    const words = fault instanceof Error ? fault.message : String(fault);
    process.stderr.write(`It could not be checked: ${words}\n`);
    if (isOfTheLine) process.stderr.write("npm run verify -- --help says what there is.\n");
    return 2;
  }
}

/** Null where help is asked for. Throws a `TypeError` that says what is wrong with the arguments. */
function askedBy(args: readonly string[]): Asked | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h", default: false },
      database: { type: "string" },
      "chain-only": { type: "boolean", default: false },
      deployment: { type: "string" },
      checkpoint: { type: "string", multiple: true, default: [] },
      key: { type: "string" },
      witness: { type: "string", multiple: true, default: [] },
      epoch: { type: "string" },
      "allowed-signers": { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const [verb, bundle = null, ...rest] = positionals;
  const isBundle = verb === "bundle" && bundle !== null && rest.length === 0;
  if (verb !== undefined && !isBundle) throw new TypeError("only `bundle FILE` may follow");
  const { deployment = null, database = null, key = null, epoch = null } = values;
  if (deployment !== null && !Id.safeParse(deployment).success) {
    throw new TypeError("--deployment must be a UUID in lower case");
  }
  if (epoch !== null && !/^(?:0|[1-9][0-9]{0,18})$/.test(epoch)) {
    throw new TypeError("--epoch must be a whole number");
  }
  return {
    bundle,
    database,
    chainOnly: values["chain-only"],
    deployment,
    checkpoints: values.checkpoint,
    key,
    witnesses: values.witness,
    epoch: epoch === null ? null : BigInt(epoch),
    allowedSigners: values["allowed-signers"] ?? null,
    json: values.json,
  };
}

async function checkBundle(asked: Asked, file: string): Promise<number> {
  if (asked.key === null) throw new TypeError("a bundle needs the deployment's --key");
  const { key, witnesses, epoch } = asked;
  const signers = await signersOf(asked);
  const report = await verifyBundleFile(file, {
    keys: [key],
    witnesses,
    ...(epoch === null ? {} : { epoch }),
    ...(signers === null ? {} : { signers }),
  });
  if (asked.json) {
    for (const finding of report.findings) tell(jsonOf(finding));
    const { findings, told: _, ...whole } = report;
    tell(jsonOf({ ...whole, findings: findings.length }));
  } else {
    for (const finding of report.findings) tell(findingText(finding));
    for (const line of report.told) tell(line);
  }
  return report.findings.length === 0 ? 0 : 1;
}

async function checkDatabase(asked: Asked): Promise<number> {
  const keys = keysOf(asked);
  const anchors = await Promise.all(
    asked.checkpoints.map(async (name) => ({ name, note: decodeNote(await readFile(name)) })),
  );
  const { chainOnly, deployment } = asked;
  const bar = process.stderr.isTTY ? new Bar() : null;
  const options = {
    chainOnly,
    deployment,
    anchors,
    keys,
    signers: await signersOf(asked),
    progress: (progress: Progress) => bar?.draw(progress),
  };
  const result = await withDatabase(asked.database, (url) => verifyLineage({ ...options, url }));
  bar?.clear();
  report(asked, result);
  if (result.unchecked !== null) return 2;
  return result.findings.length === 0 ? 0 : 1;
}

/** Whose signatures a checkpoint needs: one that nobody vouches for proves nothing. Null without one. */
function keysOf({ checkpoints, key, witnesses }: Asked): AnchorKeys | null {
  if (checkpoints.length === 0) {
    if (key === null && witnesses.length === 0) return null;
    throw new TypeError("--key and --witness are about a --checkpoint, which is missing");
  }
  if (key === null) {
    throw new TypeError(
      "a --checkpoint needs the deployment's --key: its verifier key, as auditors were given it",
    );
  }
  return {
    log: verifierOf("--key", key),
    witnesses: witnesses.map((each) => verifierOf("--witness", each)),
  };
}

function verifierOf(option: string, key: string): NoteVerifier {
  try {
    return noteVerifier(key);
  } catch (fault) {
    const why = fault instanceof Error ? fault.message : String(fault);
    throw new TypeError(`${option} is no verifier key: ${why}`, { cause: fault });
  }
}

/** Whose keys may have signed what; null where no file of them is given. */
async function signersOf({ allowedSigners }: Asked): Promise<AllowedSigners | null> {
  if (allowedSigners === null) return null;
  const read = parseAllowedSigners(await readFile(allowedSigners, "utf8"));
  if (read instanceof AllowedSigners) return read;
  throw new TypeError(`--allowed-signers cannot be used: ${read.join("; ")}`);
}

/** The given database, else that of the environment, else the embedded one for as long as it takes. */
async function withDatabase<T>(
  given: string | null,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const url = given ?? (process.env["DATABASE_URL"] || null);
  if (url !== null) return work(url);
  const data = path.resolve(process.env["HOLDFAST_DATA"] || ".holdfast");
  const directory = path.join(data, "database");
  // A folder that is not there would be made, and an empty database would be checked.
  await access(directory).catch((fault: unknown) => {
    const why = `there is no database in ${data}: set HOLDFAST_DATA or DATABASE_URL, or give --database`;
    throw new Error(why, { cause: fault });
  });
  const embedded = await openEmbedded({
    directory,
    applicationName: "holdfast verify",
    log: () => undefined,
  }).catch((fault: unknown) => {
    if (!(fault instanceof DirectoryHeld)) throw fault;
    const why = `${fault.message}; or give the running database's address with --database`;
    throw new Error(why, { cause: fault });
  });
  try {
    return await work(embedded.url);
  } finally {
    await embedded.close();
  }
}

function report(asked: Asked, result: AuditResult): void {
  const { findings, unchecked, deployment, packets, revisions, signatures, log } = result;
  const size = log?.size ?? 0n;
  const root = log === null ? null : hex(log.root);
  if (asked.json) {
    for (const finding of findings) tell(jsonOf(finding));
    const counts = { findings: findings.length, unchecked, deployment, packets, revisions };
    tell(jsonOf({ ...counts, signatures, size, root }));
    return;
  }
  for (const finding of findings) tell(findingText(finding));
  tell(`deployment ${deployment}: ${packets} packets, ${revisions} revisions`);
  tell(`log: ${size} revisions, root ${root ?? "unknown"}`);
  if (!asked.chainOnly) for (const line of signaturesTold(signatures)) tell(line);
  if (unchecked !== null) tell(`It could not be checked to the end: ${unchecked}`);
  else if (findings.length > 0) tell(`${findings.length} findings`);
  else tell(asked.chainOnly ? "The chain is whole; nothing was judged." : "Everything is right.");
  if (asked.checkpoints.length === 0) {
    tell("No --checkpoint was given: a log that was cut or rewritten as a whole looks the same.");
  }
}

function signaturesTold({ decisions, entries, areSignersCompared }: SignatureCounts): string[] {
  if (decisions + entries === 0) return ["Nothing is signed by whoever decided or reported it."];
  const told = `signatures: ${decisions} under decisions, ${entries} under entries`;
  if (areSignersCompared) return [told];
  return [told, "Signers were not compared: no --allowed-signers was given."];
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function jsonOf(value: object | Finding): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member === "bigint") return member.toString();
    return member instanceof Uint8Array ? hex(member) : member;
  });
}

/** A line on a terminal that is drawn over and over. */
class Bar {
  #drawnAt = Number.NEGATIVE_INFINITY;

  draw({ pass, done, total }: Progress): void {
    const now = performance.now();
    if (now - this.#drawnAt < DRAW_EVERY_MS && done < total) return;
    this.#drawnAt = now;
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const full = Math.round(share * BAR_WIDTH);
    const bar = `${"#".repeat(full)}${".".repeat(BAR_WIDTH - full)}`;
    const percent = `${Math.floor(share * 100)}`.padStart(3);
    process.stderr.write(
      `\r\u001b[2K${pass.padEnd(9)} [${bar}] ${percent} % of ${total} revisions`,
    );
  }

  clear(): void {
    process.stderr.write("\r\u001b[2K");
  }
}
