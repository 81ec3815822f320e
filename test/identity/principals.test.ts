import { writeFileSync } from "node:fs";
import { chmod, rm, utimes, writeFile } from "node:fs/promises";
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

describe("a look now", () => {
  const anna = passport("anna");
  const otto = passport("otto");

  test("sees who was removed just before, however lately the file was looked at", async () => {
    const desk = await openDesk(folder.path, ruth, bot);
    await desk.principals.look();
    await desk.write(ruth);
    await desk.principals.look();
    expect(await desk.principals.authenticate(bearer(bot))).toBeNull();
    expect(await desk.principals.authenticate(bearer(ruth))).not.toBeNull();
  });

  test("sees every one of many writes that leave the same size, however close they come", async () => {
    const desk = await openDesk(folder.path, anna);
    for (let round = 1; round <= 100; round += 1) {
      const [isIn, isOut] = round % 2 === 0 ? [anna, otto] : [otto, anna];
      writeFileSync(desk.file, textOf(isIn));
      await desk.principals.look();
      expect(await desk.principals.authenticate(bearer(isOut))).toBeNull();
      expect(await desk.principals.authenticate(bearer(isIn))).not.toBeNull();
    }
  });

  test("sees a change of a file that was left alone for long", async () => {
    const desk = await openDesk(folder.path, anna);
    for (let second = 1; second <= 5; second += 1) {
      desk.pass(1_000);
      await desk.principals.look();
    }
    await desk.write(otto);
    await desk.principals.look();
    expect(await desk.principals.authenticate(bearer(anna))).toBeNull();
  });

  test("is not one that was under way: those who ask meanwhile share the next", async () => {
    const desk = await openDesk(folder.path, anna);
    const underWay = desk.principals.look();
    writeFileSync(desk.file, textOf(otto));
    const shared = Array.from({ length: 100 }, () => desk.principals.look());
    await underWay;
    expect(new Set(await Promise.all(shared)).size).toBe(1);
    expect(await desk.principals.authenticate(bearer(anna))).toBeNull();
    expect(desk.heard.lines).toHaveLength(1);
  });

  test("tells by another number that somebody's rights may be other ones, and only then", async () => {
    const desk = await openDesk(folder.path, anna);
    const first = await desk.principals.look();
    await desk.write(anna);
    await utimes(desk.file, 1, 1);
    expect(await desk.principals.look()).toBe(first);
    await desk.write(passport("anna", ["VIEWER"]));
    const second = await desk.principals.look();
    expect(second).not.toBe(first);
    expect(await desk.principals.look()).toBe(second);
  });

  test("tells of a fault by another number, and of its end, and lets nobody in between", async () => {
    const desk = await openDesk(folder.path, anna);
    const numbers = [await desk.principals.look()];
    await rm(desk.file);
    numbers.push(await desk.principals.look());
    expect(await desk.principals.authenticate(bearer(anna))).toBeNull();
    await writeFile(desk.file, "{");
    expect(await desk.principals.look()).toBe(numbers[1]);
    await desk.write(anna);
    numbers.push(await desk.principals.look());
    expect(await desk.principals.authenticate(bearer(anna))).not.toBeNull();
    expect(new Set(numbers).size).toBe(3);
  });

  test("tells of the desk's end, also when it comes in the middle of the look", async () => {
    const desk = await openDesk(folder.path, anna);
    const first = await desk.principals.look();
    await desk.write(anna, otto);
    const underWay = desk.principals.look();
    desk.principals.close();
    expect(await underWay).not.toBe(first);
    expect(await desk.principals.look()).not.toBe(first);
    expect(desk.principals.current()).toBe(0);
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
