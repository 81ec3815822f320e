import { randomBytes } from "node:crypto";
import { on, once } from "node:events";
import { existsSync, watch } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { readPostmaster } from "#database/postmaster.ts";
import { newNoteKey } from "#proof/signedNote.ts";
import { readPrincipals } from "#identity/principalsFile.ts";
import { stopAfterUs } from "../database/stopAfterUs.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { memberOf, secondOwner } from "../database/otherRoles.ts";
import { ownFolder } from "../identity/passports.ts";
import { beginRequest } from "./slowRequest.ts";
import { type MainProcess, startMain, tokenOf, urlOf } from "./startMain.ts";
import { principalsFile, RUTH } from "./startTest.ts";

const running: MainProcess[] = [];
afterEach(async () => {
  for (const main of running) main.signal("SIGTERM");
  await Promise.all(running.splice(0).map(({ exited }) => exited));
});

function start(environment: Readonly<Record<string, string>>): MainProcess {
  const main = startMain(environment);
  running.push(main);
  return main;
}

const SERVES = "Holdfast serves";

/** Where a server keeps what vouches for its log, beside the principals. */
function evidenceIn(principals: string) {
  const folder = path.dirname(principals);
  return {
    HOLDFAST_CHECKPOINT: path.join(folder, "checkpoint"),
    HOLDFAST_LOG_KEY: path.join(folder, "log.key"),
  };
}

describe("on the embedded database", () => {
  const folder = ownFolder();
  const data = (): string => path.join(folder.path, "data");
  const cluster = (): string => path.join(data(), "database", "cluster", "data");
  const environment = (): Record<string, string> => ({ HOLDFAST_DATA: data(), HOLDFAST_PORT: "0" });
  beforeAll(() => stopAfterUs(path.join(data(), "database")));

  /** Resolves when a file is made. */
  async function appears(name: string): Promise<void> {
    const folder = watch(data());
    for await (const [, seen] of on(folder, "change")) {
      if (seen === name && existsSync(path.join(data(), name))) break;
    }
    folder.close();
  }

  test("a first start that is ended in the midst is the first one again at the next", async () => {
    await mkdir(data(), { recursive: true });
    const schema = (main: MainProcess) => main.says("bringing the schema up to date");
    const crash = ({ pid }: MainProcess) => process.kill(pid, "SIGKILL");
    const interruptTwice = (main: MainProcess): void => {
      main.signal("SIGTERM");
      main.signal("SIGINT");
    };
    for (const [moment, end] of [
      [schema, crash],
      [() => appears("principals.json"), crash],
      [() => appears("principals.json"), interruptTwice],
    ] as const) {
      const main = start(environment());
      await Promise.race([moment(main), main.says(SERVES)]);
      end(main);
      expect(await main.exited).toBeOneOf([null, 130, 143]);
      expect(main.stdout()).not.toContain("hf_");
    }
  });

  test("a first start that fails leaves nobody's token behind", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const main = start({ ...environment(), HOLDFAST_PORT: String(port) });
    expect(await main.exited).toBe(1);
    other.close();
    expect(main.stderr()).toContain("another process listens there");
    expect(main.stdout()).not.toContain("hf_");
    expect(existsSync(path.join(data(), "principals.json"))).toBe(false);
    expect(existsSync(path.join(cluster(), "postmaster.pid"))).toBe(false);
  });

  test("the first start says what it is, where it is and, once, how to get in", async () => {
    const main = start(environment());
    await main.says(/curl[\s\S]+__typename/);
    expect(main.stdout()).toMatch(/^ {2}database +EMBEDDED \(Postgres 18\.\d+\)/m);
    const token = tokenOf(main);
    expect(main.stdout().split(token)).toHaveLength(2);
    const file = path.join(data(), "principals.json");
    expect(main.stdout()).toContain(file);
    expect((await readPrincipals(file)).principals).toMatchObject([
      { name: "first.operator", kind: "PERSON" },
    ]);

    expect((await fetch(`${urlOf(main)}/live`)).status).toBe(200);
    const ready = await fetch(`${urlOf(main)}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { status: "READY", database: "EMBEDDED", databaseRole: "APPEND_ONLY" },
    ]);
    const asking = await beginRequest(urlOf(main), token);
    const answer = await asking.finish();
    expect(answer.status).toBe(200);
    expect(answer.body).toContain("__typename");

    main.signal("SIGTERM");
    expect(await main.exited).toBe(0);
    expect(main.stderr()).toBe("");
    expect(existsSync(path.join(cluster(), "postmaster.pid"))).toBe(false);
  });

  test("the next start makes nothing, and lets the same people in", async () => {
    const main = start(environment());
    await main.says(SERVES);
    expect(main.stdout()).not.toContain("TOKEN");
    expect(main.stdout()).toContain("schema is current");
  });

  test("a second start is refused and told who is in, and the first goes on", async () => {
    const first = start(environment());
    await first.says(SERVES);
    const second = start(environment());
    expect(await second.exited).toBe(1);
    expect(second.stderr()).toContain(`holdfast server pid ${first.pid}`);
    expect(second.stderr()).not.toContain("    at ");
    expect((await fetch(`${urlOf(first)}/ready`)).status).toBe(200);
  });

  test("a database that is lost for good ends the process", async () => {
    const main = start(environment());
    await main.says(SERVES);
    const postmaster = await readPostmaster(cluster());
    const control = path.join(cluster(), "global", "pg_control");
    await rename(control, `${control}.away`);
    process.kill(postmaster?.pid ?? 0, "SIGKILL");
    expect(await main.exited).toBe(1);
    expect(main.stdout()).toMatch(/the embedded database was lost: .*pg_control/);
  });
});

describe("a signal", () => {
  const database = freshDatabase();
  const principals = principalsFile();

  async function serving(drainMs: number): Promise<MainProcess> {
    const main = start({
      DATABASE_URL: database.url,
      HOLDFAST_DATA: path.dirname(principals.path),
      HOLDFAST_DRAIN_MS: String(drainMs),
      HOLDFAST_PORT: "0",
      HOLDFAST_PRINCIPALS: principals.path,
    });
    await main.says(SERVES);
    return main;
  }

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s lets running requests end, and then the process",
    async (signal) => {
      const main = await serving(600_000);
      expect(main.stdout()).toMatch(/^ {2}database +EXTERNAL$/m);
      const asking = await beginRequest(urlOf(main), RUTH.token);
      main.signal(signal);
      await main.says("draining");
      await expect(fetch(`${urlOf(main)}/live`)).rejects.toThrow("fetch failed");
      expect((await asking.finish()).status).toBe(200);
      expect(await main.exited).toBe(0);
      expect(main.stderr()).toBe("");
    },
  );

  test("does not wait for requests for ever", async () => {
    const main = await serving(1);
    const asking = await beginRequest(urlOf(main), RUTH.token);
    main.signal("SIGTERM");
    expect(await main.exited).toBe(0);
    await expect(asking.finish()).rejects.toThrow(/hang up|ECONNRE|EPIPE/);
  });

  test.each([
    ["SIGTERM", "SIGINT", 130],
    ["SIGINT", "SIGTERM", 143],
  ] as const)("%s and then %s ends it at once with %i", async (first, second, code) => {
    const main = await serving(600_000);
    await beginRequest(urlOf(main), RUTH.token);
    main.signal(first);
    await main.says("draining");
    main.signal(second);
    expect(await main.exited).toBe(code);
  });

  test("that comes twice, as npm passes it on, is one", async () => {
    const main = await serving(600_000);
    const asking = await beginRequest(urlOf(main), RUTH.token);
    main.signal("SIGINT");
    main.signal("SIGINT");
    await main.says("draining");
    expect((await asking.finish()).status).toBe(200);
    expect(await main.exited).toBe(0);
  });
});

describe("F26: a start is refused", () => {
  const database = freshDatabase();
  const principals = principalsFile();

  test("with every fault of the environment, one a line and by name", async () => {
    const main = start({
      DATABASE_URL: "mysql://user:pass-word@db/x",
      HOLDFAST_EPOCH_MS: "0",
      HOLDFAST_PROT: "1",
    });
    expect(await main.exited).toBe(1);
    expect(main.stdout()).toBe("");
    expect(main.stderr()).toMatch(
      /^Holdfast did not start:\nDATABASE_URL .+\nHOLDFAST_EPOCH_MS .+\nHOLDFAST_PROT .+\n$/,
    );
    expect(main.stderr()).not.toContain("pass-word");
  });

  test("in production on the embedded database", async () => {
    const main = start({ HOLDFAST_MODE: "production", HOLDFAST_PRINCIPALS: principals.path });
    expect(await main.exited).toBe(1);
    expect(main.stderr()).toMatch(/^DATABASE_URL must be set in production: .*EMBEDDED/m);
  });

  test("in production as the owner of the tables, or as a member of such a role", async () => {
    const keeper = await secondOwner(database.url);
    for (const [application, what] of [
      [database.url, "owns the product's tables"],
      [await memberOf("pg_write_all_data", database.url), "has DELETE on "],
    ] as const) {
      const main = start({
        DATABASE_URL: application,
        ...evidenceIn(principals.path),
        HOLDFAST_MIGRATION_URL: keeper,
        HOLDFAST_MODE: "production",
        HOLDFAST_PORT: "0",
        HOLDFAST_PRINCIPALS: principals.path,
      });
      expect(await main.exited).toBe(1);
      expect(main.stderr()).toMatch(/^the database role \w+ /m);
      expect(main.stderr()).toContain(what);
      expect(main.stderr()).toContain("let DATABASE_URL name a role of its own");
      expect(main.stderr()).not.toContain("    at ");
      expect(main.stderr()).not.toContain(new URL(application).password);
    }
  });

  test("where another process listens", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const main = start({
      DATABASE_URL: database.url,
      HOLDFAST_DATA: path.dirname(principals.path),
      HOLDFAST_PORT: String(port),
      HOLDFAST_PRINCIPALS: principals.path,
    });
    expect(await main.exited).toBe(1);
    expect(main.stderr()).toContain(`127.0.0.1:${port}: another process listens there`);
    expect(main.stderr()).not.toContain("    at ");
    other.close();
  });
});

describe("in production", () => {
  const database = freshDatabase();
  const principals = principalsFile();

  beforeAll(async () => {
    const { HOLDFAST_LOG_KEY: file } = evidenceIn(principals.path);
    await writeFile(file, newNoteKey("holdfast.test/log", randomBytes(32)), { mode: 0o600 });
  });

  test("every line is JSON, and none holds a token, a body or the database's password", async () => {
    const main = start({
      DATABASE_URL: database.appUrl,
      ...evidenceIn(principals.path),
      HOLDFAST_MIGRATION_URL: database.url,
      HOLDFAST_MODE: "production",
      HOLDFAST_PORT: "0",
      HOLDFAST_PRINCIPALS: principals.path,
    });
    await main.says('"msg":"serving"');
    const url = /"url":"([^"]+)"/.exec(main.stdout())?.[1] ?? "";
    const asking = await beginRequest(url, RUTH.token);
    await asking.finish();
    main.signal("SIGTERM");
    expect(await main.exited).toBe(0);
    const lines = main.stdout().trimEnd().split("\n");
    const levels = lines.map((line) => (JSON.parse(line) as { level: string }).level);
    expect(new Set(levels)).toEqual(new Set(["info"]));
    const passwords = [database.url, database.appUrl].map((url) => new URL(url).password);
    for (const secret of [RUTH.token, ...passwords, "__typename"]) {
      expect(main.stdout() + main.stderr()).not.toContain(secret);
    }
  });
});
