import { expect, test } from "vitest";
import { type Wake, Wakes } from "#live/wakes.ts";

const moved: Wake[] = [{ packet: "p", revision: 2 }];

test("a wake-up reaches everybody who listens, until they stop", () => {
  const wakes = new Wakes();
  const heard: string[] = [];
  const stop = wakes.listen(() => heard.push("first"));
  wakes.listen((told) => heard.push(`second ${told.length}`));
  wakes.announce(moved);
  stop();
  stop();
  wakes.announce(moved);
  wakes.announce([]);
  expect(heard).toEqual(["first", "second 1", "second 1"]);
});

test("one function that listens twice is two listeners", () => {
  const wakes = new Wakes();
  let heard = 0;
  const listener = (): void => {
    heard += 1;
  };
  const stop = wakes.listen(listener);
  wakes.listen(listener);
  wakes.announce(moved);
  stop();
  wakes.announce(moved);
  expect(heard).toBe(3);
});

test("a listener that stops another in the middle is obeyed", () => {
  const wakes = new Wakes();
  const heard: string[] = [];
  wakes.listen(() => {
    heard.push("first");
    stop();
  });
  const stop = wakes.listen(() => heard.push("second"));
  wakes.announce(moved);
  expect(heard).toEqual(["first"]);
});

test("a listener is told whether another node is said to have moved something", () => {
  const wakes = new Wakes();
  const heard: string[] = [];
  wakes.listen((_moved, origin) => heard.push(origin));
  wakes.announce(moved);
  wakes.announce(moved, "ELSEWHERE");
  expect(heard).toEqual(["HERE", "ELSEWHERE"]);
});

test("whoever wants to is told that wake-ups may have been lost, until they stop", () => {
  const faults: unknown[] = [];
  const wakes = new Wakes((fault) => faults.push(fault));
  const broken = new Error("deaf");
  let missed = 0;
  wakes.onMissed(() => {
    throw broken;
  });
  const stop = wakes.onMissed(() => {
    missed += 1;
  });
  wakes.announceMissed();
  stop();
  wakes.announceMissed();
  expect({ missed, faults }).toEqual({ missed: 1, faults: [broken, broken] });
});

test("a listener that throws neither stops the others nor whoever announces", () => {
  const faults: unknown[] = [];
  const wakes = new Wakes((fault) => faults.push(fault));
  const broken = new Error("deaf");
  let heard = 0;
  wakes.listen(() => {
    throw broken;
  });
  wakes.listen(() => {
    heard += 1;
  });
  wakes.announce(moved);
  expect({ heard, faults }).toEqual({ heard: 1, faults: [broken] });
});
