/** Faults whose message says all there is to do. */
type Told = readonly (abstract new (...given: never[]) => Error)[];

/** Tells of a fault that a caller is told nothing of. */
export type Report = (fault: unknown) => void;

/** A process that serves until a signal. */
export interface SmallProcess {
  /** Such as "The witness". */
  readonly who: string;
  /** Of any other fault the whole is told. */
  readonly toldInASentence: Told;
  /** Serves until `asked` resolves, and closes what it opened. */
  readonly serve: (asked: Promise<void>, report: Report) => Promise<void>;
}

/** How long the process may outlive its last close before it is ended by force. */
const LINGER_MS = 2_000;

/** Runs it in this process, whose exit code says how it ended. */
export async function runSmallProcess({ who, toldInASentence, serve }: SmallProcess) {
  const asked = signalled();
  const told = (fault: unknown): string => `${toldOf(fault, toldInASentence)}\n`;
  try {
    await serve(asked, (fault) => process.stderr.write(told(fault)));
    process.stdout.write("closed\n");
    process.exitCode = 0;
  } catch (fault) {
    process.stderr.write(`${who} did not start:\n${told(fault)}`);
    process.exitCode = 1;
  }
  // Fires only where something that nobody closed would keep the process alive.
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

/** Resolves at the first signal; npm passes on a Ctrl-C once more, and the end takes a second at most. */
function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => resolve());
    // Whoever stops reading what is said does not stop the process.
    process.stdout.on("error", () => undefined);
    process.stderr.on("error", () => undefined);
  });
}

function toldOf(fault: unknown, toldInASentence: Told): string {
  if (!(fault instanceof Error)) return "no Error was thrown";
  if (toldInASentence.some((kind) => fault instanceof kind)) return fault.message;
  const cause = fault.cause instanceof Error ? `\n  because: ${fault.cause.message}` : "";
  return `${fault.stack ?? fault.message}${cause}`;
}
