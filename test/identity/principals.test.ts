import { chmod, rm, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { bearer, openDesk, ownFolder, passport, textOf } from "./passports.ts";

const folder = ownFolder();
const ruth = passport("ruth", ["RELEASE_SECURITY", "READER"]);
const bot = passport("build.bot");

describe("a caller is known", () => {
  test("by their token, with the roles that the file gives them", async () => {
    const { principals } = await openDesk(folder.path, ruth, bot);
    expect(await principals.authenticate(bearer(ruth))).toEqual({
      actor: "ruth",
      kind: "PERSON",
      roles: ["RELEASE_SECURITY", "READER"],
    });
    expect((await principals.authenticate(bearer(bot)))?.actor).toBe("build.bot");
    expect(principals.current()).toBe(2);
  });

  test("whatever the case of the scheme", async () => {
    const { principals } = await openDesk(folder.path, ruth);
    expect(await principals.authenticate(`bearer ${ruth.token}`)).not.toBeNull();
  });

  test.each([
    ["no header", undefined],
    ["an empty header", ""],
    ["another's token", `Bearer ${bot.token}`],
    ["the hash in place of the token", `Bearer ${JSON.stringify(ruth.entry).slice(-66, -2)}`],
    ["two spaces", `Bearer  ${ruth.token}`],
    ["a tab", `Bearer\t${ruth.token}`],
    ["a space after it", `Bearer ${ruth.token} `],
    ["no scheme", ruth.token],
    ["another scheme", `Basic ${ruth.token}`],
    ["a character that no token has", `Bearer ${ruth.token}!`],
    ["a line break", `Bearer ${ruth.token}\n`],
    ["two tokens", `Bearer ${ruth.token}, Bearer ${ruth.token}`],
    ["a token that is too long", `Bearer ${"a".repeat(513)}`],
    ["the scheme alone", "Bearer "],
  ])("but not by %s", async (_what, header) => {
    const { principals } = await openDesk(folder.path, ruth);
    expect(await principals.authenticate(header)).toBeNull();
  });

  test("but nobody is once the desk is closed", async () => {
    const { principals } = await openDesk(folder.path, ruth);
    principals.close();
    expect(await principals.authenticate(bearer(ruth))).toBeNull();
    expect(principals.current()).toBe(0);
  });
});

describe("a change of the file counts without a restart", () => {
  test("for whoever is added, within a second", async () => {
    const desk = await openDesk(folder.path, ruth);
    await desk.write(ruth, bot);
    desk.pass(999);
    expect(await desk.principals.authenticate(bearer(bot))).toBeNull();
    desk.pass(1);
    expect(await desk.principals.authenticate(bearer(bot))).not.toBeNull();
  });

  test("for whoever is removed, and for roles that are taken away", async () => {
    const desk = await openDesk(folder.path, ruth, bot);
    await desk.write(passport("ruth"));
    desk.pass(1_000);
    expect(await desk.principals.authenticate(bearer(bot))).toBeNull();
    expect((await desk.principals.authenticate(bearer(ruth)))?.roles).toEqual(["READER"]);
  });

  test("each time that it changes", async () => {
    const desk = await openDesk(folder.path, ruth);
    for (let round = 0; round < 6; round += 1) {
      const isIn = round % 2 === 0;
      await desk.write(isIn ? bot : ruth);
      desk.pass(1_000);
      expect((await desk.principals.authenticate(bearer(bot))) !== null).toBe(isIn);
    }
  });

  test("when the clock has gone back", async () => {
    const desk = await openDesk(folder.path, ruth);
    await desk.write(bot);
    desk.pass(-10_000);
    expect(await desk.principals.authenticate(bearer(ruth))).toBeNull();
  });

  test("for all who ask while it is read, and it is read once for them", async () => {
    const desk = await openDesk(folder.path, ruth);
    await desk.write(bot);
    desk.pass(1_000);
    const asked = Array.from({ length: 100 }, () => desk.principals.authenticate(bearer(ruth)));
    expect(new Set(await Promise.all(asked))).toEqual(new Set([null]));
    expect(desk.heard.lines).toHaveLength(1);
  });

  test("and a file that stays as it is is not told of", async () => {
    const desk = await openDesk(folder.path, ruth);
    for (let second = 1; second <= 3; second += 1) {
      desk.pass(1_000);
      expect(await desk.principals.authenticate(bearer(ruth))).not.toBeNull();
    }
    expect(desk.heard.lines).toEqual([]);
  });
});

describe("while the file has a fault nobody is let in", () => {
  test.each([
    ["it is gone", (file: string) => rm(file)],
    ["it is half written", (file: string) => writeFile(file, textOf(ruth, bot).slice(0, -40))],
    ["it is empty", (file: string) => writeFile(file, "")],
    ["anybody may write to it", (file: string) => chmod(file, 0o666)],
  ])("when %s, until it is mended", async (_what, spoil) => {
    const desk = await openDesk(folder.path, ruth);
    await spoil(desk.file);
    for (let second = 1; second <= 3; second += 1) {
      desk.pass(1_000);
      expect(await desk.principals.authenticate(bearer(ruth))).toBeNull();
    }
    expect((await desk.principals.fault())?.file).toBe(desk.file);
    expect(desk.principals.current()).toBe(0);
    expect(desk.heard.lines.map(({ level }) => level)).toEqual(["error"]);

    await rm(desk.file, { force: true });
    await desk.write(ruth);
    desk.pass(1_000);
    expect(await desk.principals.fault()).toBeNull();
    expect(await desk.principals.authenticate(bearer(ruth))).not.toBeNull();
    expect(desk.heard.lines.map(({ level }) => level)).toEqual(["error", "info"]);
  });

  test("and no log line has a token or its hash in it", async () => {
    const desk = await openDesk(folder.path, ruth);
    await writeFile(desk.file, `{"principals":[{"name":"${ruth.token}"`);
    desk.pass(1_000);
    await desk.principals.authenticate(bearer(ruth));
    await desk.write(bot);
    desk.pass(1_000);
    await desk.principals.authenticate(bearer(ruth));
    const told = JSON.stringify(desk.heard.lines);
    expect(desk.heard.lines).toHaveLength(2);
    for (const secret of [ruth, bot].flatMap(({ token, entry }) => [
      token,
      JSON.stringify(entry).slice(-66, -2),
    ])) {
      expect(told).not.toContain(secret);
    }
  });
});
