import path from "node:path";
import { noteVerifier, type NoteVerifier } from "#proof/signedNote.ts";
import { isNoteKeyName } from "#proof/noteForm.ts";
import { readVerifierKey, noteKeyType } from "#proof/noteKey.ts";

/** Everything that the environment says about a witness, read once. */
export interface WitnessConfig {
  /** The directory that is the witness's own: its key and what it cosigned last. */
  readonly directory: string;
  readonly name: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** The keys of each log that it watches, by the log's origin, which is the name of its keys. */
  readonly logs: ReadonlyMap<string, readonly NoteVerifier[]>;
}

/** The environment says too little, or something else than it should; every fault is listed. */
export class WitnessConfigFaulty extends Error {
  override readonly name = "WitnessConfigFaulty";

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
  }
}

const LOGS_MAX = 64;
const PORT_MAX = 65_535;

/** The variables that a witness reads, whose environment may be that of a service as well. */
export const WITNESS_VARIABLES = [
  "HOLDFAST_WITNESS_DATA",
  "HOLDFAST_WITNESS_HOST",
  "HOLDFAST_WITNESS_LOGS",
  "HOLDFAST_WITNESS_NAME",
  "HOLDFAST_WITNESS_PORT",
] as const;
/** By which the service finds its witness: not read here, and no fault either. */
const OF_THE_SERVICE = ["HOLDFAST_WITNESS_KEY", "HOLDFAST_WITNESS_URL"];
const KNOWN: readonly string[] = [...WITNESS_VARIABLES, ...OF_THE_SERVICE];

type Environment = Readonly<Record<string, string | undefined>>;
type Variable = (typeof WITNESS_VARIABLES)[number];

/**
 * Reads the variables of a witness from an environment, which may be shared with the service.
 *
 * @throws {WitnessConfigFaulty} with every fault at once.
 */
export function readWitnessConfig(environment: Environment): WitnessConfig {
  const faults = Object.keys(environment)
    .filter((name) => name.startsWith("HOLDFAST_WITNESS_") && !KNOWN.includes(name))
    .map(
      (name) => `${name} is not known; unset it, or mend its name: ${WITNESS_VARIABLES.join(", ")}`,
    );
  const read = <Value>(
    variable: Variable,
    instead: string,
    parse: (text: string) => Value | null,
    told: string,
  ): Value | null => {
    const value = parse(environment[variable] ?? instead);
    if (value === null) faults.push(`${variable} ${told}`);
    return value;
  };
  const directory = read("HOLDFAST_WITNESS_DATA", "", directoryOf, "must name a directory");
  const name = read("HOLDFAST_WITNESS_NAME", "", nameOf, NAME_TOLD);
  const host = read("HOLDFAST_WITNESS_HOST", "127.0.0.1", hostOf, HOST_TOLD);
  const port = read("HOLDFAST_WITNESS_PORT", "4100", portOf, "must be a whole number to 65535");
  const logs = read("HOLDFAST_WITNESS_LOGS", "", logsOf, LOGS_TOLD);
  const isWhole = directory !== null && name !== null && host !== null && port !== null;
  if (!isWhole || logs === null || faults.length > 0) throw new WitnessConfigFaulty(faults);
  return { directory, name, host, port, logs };
}

const NAME_TOLD =
  "must name the witness, such as witness.example/w1, without spaces and plus signs";
const HOST_TOLD = "must be a name or an address without brackets or port";
const LOGS_TOLD = `must be the verifier keys of 1 to ${LOGS_MAX} logs (name+hash+key, of type 1) with commas between them`;

function directoryOf(text: string): string | null {
  return text === "" ? null : path.resolve(text);
}

function nameOf(text: string): string | null {
  return isNoteKeyName(text) ? text : null;
}

function hostOf(text: string): string | null {
  return /^[A-Za-z0-9.:_-]{1,253}$/.test(text) ? text : null;
}

function portOf(text: string): number | null {
  return /^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= PORT_MAX ? Number(text) : null;
}

function logsOf(text: string): ReadonlyMap<string, readonly NoteVerifier[]> | null {
  const keys = text.split(",").map((key) => key.trim());
  if (keys.length > LOGS_MAX || !keys.every(isLogKey)) return null;
  const logs = new Map<string, NoteVerifier[]>();
  for (const key of keys.map(noteVerifier)) {
    logs.set(key.name, [...(logs.get(key.name) ?? []), key]);
  }
  return logs;
}

function isLogKey(text: string): boolean {
  try {
    return readVerifierKey(text).type === noteKeyType.ed25519;
  } catch {
    return false;
  }
}
