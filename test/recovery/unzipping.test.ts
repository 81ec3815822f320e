import { describe, expect, test } from "vitest";
import type { ComponentState, Release } from "#packet/rollback.ts";
import { UNRECORDED, admits, initialise, rotate } from "#recovery/rollback.ts";
import { unzippings, vulnerableBy } from "#recovery/unzipping.ts";

function release(name: string, svn: number, changed: Partial<Release> = {}): Release {
  const digest = `sha256:${Buffer.from(name).toString("hex").padEnd(64, "0")}`;
  const empty = { masvn: 0, denied: [], trustedKeys: [], signedBy: [] };
  return { release: name, digest, svn, ...empty, ...changed };
}

const paths = (...given: Parameters<typeof unzippings>): string[] =>
  unzippings(...given).found.map(({ path }) => path.map((one) => one.release).join(" > "));

describe("a way down to a vulnerable release", () => {
  const oldest = release("r1", 3);
  const old = release("r2", 4);
  const fixed = release("r3", 5);
  const all = [oldest, old, fixed];

  test("is left open by a list that names one release and forgets the one before it", () => {
    const state = { ...UNRECORDED, denied: [old.digest] };
    const vulnerable = vulnerableBy(state.denied, all);
    expect([...vulnerable]).toEqual([oldest.digest, old.digest]);
    expect(paths(state, all, vulnerable)).toEqual(["r1"]);
  });

  test("is closed by naming every one of them, and by a floor alone", () => {
    const vulnerable = new Set([oldest.digest, old.digest]);
    expect(paths({ ...UNRECORDED, denied: [...vulnerable] }, all, vulnerable)).toEqual([]);
    expect(paths({ ...UNRECORDED, floor: 5 }, all, vulnerable)).toEqual([]);
  });

  test("goes step by step where a release between brings the key of the vulnerable one", () => {
    const vulnerable = release("weak", 4, { signedBy: ["key-0"] });
    const between = release("step", 5, { signedBy: ["key-1"], trustedKeys: ["key-0"] });
    const state = { ...UNRECORDED, trustedKeys: ["key-1"] };
    expect(admits(state, vulnerable)).toEqual(["UNTRUSTED_KEY"]);
    const known = [vulnerable, between];
    expect(paths(state, known, new Set([vulnerable.digest]))).toEqual(["step > weak"]);
    const rotated = rotate(state, { mode: "SUDDEN", outgoing: "key-0", incoming: "key-1" });
    expect(paths(rotated, known, new Set([vulnerable.digest]))).toEqual([]);
  });

  test("takes no step that would raise the floor above what lies below", () => {
    const vulnerable = release("weak", 4, { signedBy: ["key-0"] });
    const strict = release("strict", 6, {
      masvn: 5,
      signedBy: ["key-1"],
      trustedKeys: ["key-0"],
    });
    const milder = release("milder", 5, { signedBy: ["key-1"], trustedKeys: ["key-2"] });
    const last = release("last", 5, { signedBy: ["key-2"], trustedKeys: ["key-0"] });
    const state = { ...UNRECORDED, trustedKeys: ["key-1"] };
    const known = [vulnerable, strict, milder, last];
    const found = paths(state, known, new Set([vulnerable.digest]));
    expect(found).toEqual(["milder > last > weak"]);
  });

  test("can be walked: every step is admitted after the ones before it", () => {
    const known = ["a", "b", "c", "d"].map((name, at) =>
      release(name, 4 + (at % 2), { signedBy: [`key-${at}`], trustedKeys: [`key-${at + 1}`] }),
    );
    const state = { ...UNRECORDED, trustedKeys: ["key-0"] };
    const { found, isWhole } = unzippings(state, known, new Set(known.map((one) => one.digest)));
    expect(isWhole).toBe(true);
    expect(found).toHaveLength(4);
    for (const { path } of found) {
      let before: ComponentState = state;
      for (const step of path) {
        expect(admits(before, step)).toEqual([]);
        before = initialise(before, step);
      }
    }
  });

  test("says so when there are too many states to look at them all", () => {
    const known = Array.from({ length: 14 }, (_, at) =>
      release(`n${at}`, 9, { trustedKeys: [`key-${at}`], signedBy: ["root"] }),
    );
    const state = { ...UNRECORDED, trustedKeys: ["root"] };
    expect(unzippings(state, known, new Set()).isWhole).toBe(false);
  });
});
