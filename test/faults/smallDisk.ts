import { execFile } from "node:child_process";
import { chown, mkdtemp, open, rm, rmdir, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";

const run = promisify(execFile);
const NOBODY = 65_534;
const MIB = 1024 * 1024;

/** A file system of its own that can be full. */
export interface SmallDisk {
  /** Known from the file's `beforeAll` on. */
  readonly path: string;
  /** Takes all of it but so many bytes. */
  fill(left: number): Promise<void>;
  /** Gives back what `fill` has taken. */
  empty(): Promise<void>;
}

/**
 * Call once at the top of a system test: mounts so much memory as a disk, for which one must be
 * root, and unmounts it after the last test.
 */
export function smallDisk(sizeMib: number): SmallDisk {
  const disk = { path: "" };
  const filler = () => path.join(disk.path, "filler");
  beforeAll(async () => {
    if (process.getuid?.() !== 0) throw new Error("this test mounts a tmpfs: run it as root");
    disk.path = await mkdtemp(path.join(tmpdir(), "holdfast-disk-"));
    await run("mount", ["-t", "tmpfs", "-o", `size=${sizeMib}m`, "tmpfs", disk.path]);
    await chown(disk.path, NOBODY, NOBODY);
  });
  afterAll(async () => {
    await run("umount", ["--lazy", disk.path]);
    await rmdir(disk.path);
  });
  return {
    get path() {
      return disk.path;
    },
    async fill(left) {
      const { bavail, bsize } = await statfs(disk.path);
      const file = await open(filler(), "w");
      try {
        const piece = Buffer.alloc(MIB);
        for (let size = bavail * bsize - left; size > 0; size -= MIB) {
          await file.write(piece, 0, Math.min(size, MIB));
        }
      } finally {
        await file.close();
      }
    },
    async empty() {
      await rm(filler());
    },
  };
}
