import path from "node:path";

/** Everything that the environment says about a change-rate service, read once. */
export interface PaceConfig {
  /** The directory that is the service's own: its key and its history. */
  readonly directory: string;
  /** The file that says who sets policies and who asks. */
  readonly signers: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
}

/** The environment says too little, or something else than it should; every fault is listed. */
export class PaceConfigFaulty extends Error {
  override readonly name = "PaceConfigFaulty";

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
  }
}

const PORT_MAX = 65_535;

/** The variables that a change-rate service reads, whose environment may be that of a server as well. */
export const PACE_VARIABLES = [
  "HOLDFAST_PACE_DATA",
  "HOLDFAST_PACE_HOST",
  "HOLDFAST_PACE_PORT",
  "HOLDFAST_PACE_SIGNERS",
] as const;
const KNOWN: readonly string[] = PACE_VARIABLES;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables of a change-rate service from an environment, which may be shared.
 *
 * @throws {PaceConfigFaulty} with every fault at once.
 */
export function readPaceConfig(environment: Environment): PaceConfig {
  const faults = Object.keys(environment)
    .filter((name) => name.startsWith("HOLDFAST_PACE_") && !KNOWN.includes(name))
    .map((name) => `${name} is not known; unset it, or mend its name: ${KNOWN.join(", ")}`);
  const [data = "", host = "127.0.0.1", port = "4200"] = [
    environment["HOLDFAST_PACE_DATA"],
    environment["HOLDFAST_PACE_HOST"],
    environment["HOLDFAST_PACE_PORT"],
  ];
  if (data === "") faults.push("HOLDFAST_PACE_DATA must name a directory");
  if (!/^[A-Za-z0-9.:_-]{1,253}$/.test(host)) {
    faults.push("HOLDFAST_PACE_HOST must be a name or an address without brackets or port");
  }
  if (!/^(?:0|[1-9][0-9]{0,4})$/.test(port) || Number(port) > PORT_MAX) {
    faults.push("HOLDFAST_PACE_PORT must be a whole number to 65535");
  }
  if (environment["HOLDFAST_PACE_SIGNERS"] === "") {
    faults.push("HOLDFAST_PACE_SIGNERS must name a file, or be unset");
  }
  if (faults.length > 0) throw new PaceConfigFaulty(faults);
  const directory = path.resolve(data);
  const signers = environment["HOLDFAST_PACE_SIGNERS"] ?? path.join(directory, "allowed_signers");
  return { directory, signers: path.resolve(signers), host, port: Number(port) };
}
