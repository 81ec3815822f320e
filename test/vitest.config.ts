import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";

const root = new URL("..", import.meta.url).pathname;
// The one that Node itself loads, for us as for those who depend on it: graphql is one realm.
const graphql = createRequire(import.meta.url).resolve("graphql");
const alias = [{ find: /^graphql$/, replacement: graphql }];
const resolve = { alias };
// As Node itself has it: the default import of a CommonJS package is its module.exports.
const deps = { interopDefault: false };

/**
 * Four projects, told apart by the file's ending: `*.test.ts` needs Node alone, `*.db.test.ts`
 * a Postgres, `*.system.test.ts` minutes or Debian's packages, and `*.mutation.test.ts` turns
 * the gate's own source to see whether the search for a broken rule notices.
 */
export default defineConfig({
  root,
  test: {
    // Databases and processes are waited for often enough to keep a third one busy on two cores.
    maxWorkers: 3,
    allowOnly: false,
    projects: [
      {
        root,
        resolve,
        test: {
          name: "unit",
          deps,
          // Pure code leaves nothing behind, so files may share what they import.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/**/*.db.test.ts",
            "test/**/*.system.test.ts",
            "test/**/*.mutation.test.ts",
          ],
          globalSetup: ["test/programs/build.ts"],
          testTimeout: 30_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: "database",
          deps,
          isolate: false,
          include: ["test/**/*.db.test.ts"],
          globalSetup: ["test/programs/build.ts", "test/database/server.ts"],
          // Far above what any of them takes: a loaded disk is no failure.
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: "system",
          deps,
          isolate: false,
          include: ["test/**/*.system.test.ts"],
          globalSetup: [
            "test/debianPackages.ts",
            "test/programs/build.ts",
            "test/database/server.ts",
          ],
          testTimeout: 900_000,
          hookTimeout: 240_000,
        },
      },
      {
        root,
        resolve,
        test: {
          name: "mutation",
          deps,
          include: ["test/**/*.mutation.test.ts"],
          testTimeout: 300_000,
        },
      },
    ],
  },
});
