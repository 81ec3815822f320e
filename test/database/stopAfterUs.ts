import { spawn } from "node:child_process";

/**
 * Covers an end of the test run that gives no time to clean up, such as a kill -9: a shell
 * whose input ends with this process then stops the embedded server of a directory, if one
 * runs, and removes the directory.
 */
export function stopAfterUs(directory: string): void {
  const script = `
    cat > /dev/null
    pid=$(head -n 1 "$0/cluster/data/postmaster.pid" 2> /dev/null) && kill -QUIT "$pid"
    rm -rf "$0"`;
  const shell = spawn("/bin/sh", ["-c", script, directory], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  shell.unref();
}
