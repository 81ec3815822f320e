import process from "node:process";

/** What was asked for could not be done; the message says why, and what to do. */
export class NotDone extends Error {
  override readonly name = "NotDone";
}

type Fault = abstract new (...given: never[]) => Error;

/**
 * Does what the words after `npm run NAME --` say, prints what comes of it, and resolves to the exit
 * code: 0 if it was done, 1 for one of these faults, whose message says all there is to do, and 2
 * for a wrong command line, which is a TypeError. Anything else is thrown.
 */
export async function runCommand(
  name: string,
  done: (args: readonly string[]) => Promise<string>,
  faults: readonly Fault[] = [NotDone],
): Promise<number> {
  try {
    process.stdout.write(await done(process.argv.slice(2)));
    return 0;
  } catch (fault) {
    const isOfTheLine = fault instanceof TypeError;
    if (!isOfTheLine && !faults.some((kind) => fault instanceof kind)) throw fault;
    process.stderr.write(`${(fault as Error).message}\n`);
    if (isOfTheLine) process.stderr.write(`npm run ${name} -- --help says what there is.\n`);
    return isOfTheLine ? 2 : 1;
  }
}
