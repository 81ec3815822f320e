import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MESSAGE_BYTES_MAX, MESSAGE_WAKES_MAX } from "#live/limits.ts";
import { messageOf, messagePrefix, wakesOf } from "#live/wakeMessage.ts";

const NODE = "019a0000-0000-7000-8000-00000000000a";
const PACKET = "019a0000-0000-7000-8000-000000000001";

const bytes = (text: string): Uint8Array => Buffer.from(text);

const wake = fc.record({
  packet: fc.uuid(),
  revision: fc.integer({ min: 1, max: 999_999_999_999_999 }),
});

test("what a message tells is what was put into it, and the largest is looked at", () => {
  fc.assert(
    fc.property(fc.array(wake, { minLength: 1, maxLength: MESSAGE_WAKES_MAX }), (moved) => {
      const message = messageOf(NODE, moved);
      expect(message.startsWith(messagePrefix(NODE))).toBe(true);
      expect(message.length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX);
      expect(wakesOf(bytes(message))).toEqual(moved);
    }),
  );
});

test("bytes that nobody meant are read as nothing, and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
      expect(wakesOf(message)).toBeNull();
    }),
  );
});

describe("a message is read as nothing", () => {
  const good = `1 ${NODE} ${PACKET} 7`;
  test.each([
    ["empty", ""],
    ["of another version", good.replace("1", "2")],
    ["without a node", `1 ${PACKET} 7`],
    ["of a node in capitals", good.replace("00a", "00A")],
    ["without a wake-up", `1 ${NODE}`],
    ["without a revision", `1 ${NODE} ${PACKET}`],
    ["with a word too many", `${good} ${PACKET}`],
    ["of a packet that is none", `1 ${NODE} packet 7`],
    ["of revision 0", `1 ${NODE} ${PACKET} 0`],
    ["of a negative revision", `1 ${NODE} ${PACKET} -7`],
    ["of a revision with a fraction", `1 ${NODE} ${PACKET} 7.5`],
    ["of a revision in another spelling", `1 ${NODE} ${PACKET} 1e3`],
    ["of a revision beyond what a number holds", `1 ${NODE} ${PACKET} 9007199254740993`],
    ["with two spaces", good.replace(" 7", "  7")],
    ["with a line end", `${good}\n`],
    ["with a zero byte", `${good}\0`],
    ["of JSON", JSON.stringify({ packet: PACKET, revision: 7 })],
    ["of too many wake-ups", `1 ${NODE}${` ${PACKET} 7`.repeat(MESSAGE_WAKES_MAX + 1)}`],
    ["of a megabyte", `${good} ${"x".repeat(1_000_000)}`],
  ])("%s", (_what, message) => {
    expect(wakesOf(bytes(good))).toEqual([{ packet: PACKET, revision: 7 }]);
    expect(wakesOf(bytes(message))).toBeNull();
  });
});
