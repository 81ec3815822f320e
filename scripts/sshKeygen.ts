import { spawn } from "node:child_process";
import { NotDone } from "./commandLine.ts";

/**
 * Asks ssh-keygen for an armored signature of these bytes; it asks ssh-agent, a passphrase or a touch
 * where the key needs one. Throws {@link NotDone}.
 */
export function signWith(key: string, namespace: string, bytes: Uint8Array): Promise<string> {
  const words = ["-Y", "sign", "-q", "-f", key, "-n", namespace];
  return new Promise((resolve, reject) => {
    // What it says to a person, such as that they are to touch the key, they see at once.
    const child = spawn("ssh-keygen", words, { stdio: ["pipe", "pipe", "inherit"] });
    let armored = "";
    child.stdout.setEncoding("latin1").on("data", (text: string) => (armored += text));
    child.once("error", (cause) => {
      reject(new NotDone("ssh-keygen of OpenSSH 8.2 or newer is needed", { cause }));
    });
    child.once("close", (code) => {
      if (code === 0) resolve(armored);
      else reject(new NotDone("ssh-keygen did not sign; it says why above"));
    });
    // It may end before it has read what is to be signed.
    child.stdin.on("error", () => undefined);
    child.stdin.end(bytes);
  });
}
