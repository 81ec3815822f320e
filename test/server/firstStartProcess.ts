import { randomBytes } from "node:crypto";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import { makeFirstPrincipal } from "#identity/firstPrincipal.ts";
import { makeNoteKey } from "#notary/noteKeyFile.ts";

// A process of its own that makes what a first start makes, and is killed as by a crash before
// one of its steps on the file system, that of the number which it is given: before a new file has
// its text, and before a file gets or loses a name.
const [folder = "", lastStep = ""] = process.argv.slice(2);
let stepsLeft = Number(lastStep);

/** Lets functions of these names be steps before which the process may be killed. */
function makeMortal(of: object, names: readonly string[]): void {
  for (const name of names) {
    const step: unknown = Reflect.get(of, name);
    if (typeof step !== "function") throw new Error(`there is no ${name}`);
    Reflect.set(of, name, function (this: unknown, ...given: unknown[]): unknown {
      if (stepsLeft === 0) process.kill(process.pid, "SIGKILL");
      stepsLeft -= 1;
      return Reflect.apply(step, this, given) as unknown;
    });
  }
}

const probe = await files.open(folder);
makeMortal(Object.getPrototypeOf(probe) as object, ["writeFile"]);
await probe.close();
makeMortal(files, ["link", "rename", "rm"]);
syncBuiltinESMExports();

await makeNoteKey(path.join(folder, "log.key"), "log.example/first", randomBytes(32));
const first = await makeFirstPrincipal({
  file: path.join(folder, "principals.json"),
  data: folder,
  random: () => randomBytes(32),
});
if (first === null) throw new Error("somebody was known before");
process.stdout.write(first.token);
await first.told();
