import { once } from "node:events";
import { type AddressInfo, type Socket, createConnection, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { chance } from "../faults/chance.ts";
import { Statements } from "./statements.ts";
import { TcpProxy } from "./tcpProxy.ts";

/** A server that sends back what it gets, and a way to it. */
async function echo(): Promise<TcpProxy> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.pipe(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const proxy = await TcpProxy.open(`http://127.0.0.1:${port}`, chance("a way", 1));
  onTestFinished(async () => {
    await proxy.close();
    server.close();
  });
  return proxy;
}

async function through(proxy: TcpProxy): Promise<Socket> {
  const { hostname: host, port } = new URL(proxy.by("http://somewhere:1"));
  const socket = createConnection({ host, port: Number(port), noDelay: true });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/** Resolves when a socket is closed, by a fault or not. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** Resolves to so many bytes of what comes. */
async function heard(socket: Socket, length: number): Promise<string> {
  let text = "";
  while (text.length < length) {
    const [piece] = (await once(socket, "data")) as [Buffer];
    text += piece.toString();
  }
  return text;
}

test("what passes comes whole and in order, however late and in however small segments", async () => {
  const proxy = await echo();
  proxy.turn({ jitterMs: 20, lostPercent: 30, resentAfterMs: 30, segmentBytesMax: 1 });
  const socket = await through(proxy);
  const words = Array.from({ length: 40 }, (_none, index) => `word ${index} `);
  for (const word of words) socket.write(word);
  const text = words.join("");
  expect(await heard(socket, text.length)).toBe(text);
});

test("in the dark nothing passes and nothing ends; once it is healed all comes", async () => {
  const proxy = await echo();
  const socket = await through(proxy);
  socket.write("a");
  expect(await heard(socket, 1)).toBe("a");
  proxy.darken("DOWN");
  socket.write("b");
  const other = await through(proxy);
  other.write("c");
  const isOver = Promise.race([once(socket, "data"), once(other, "data"), once(socket, "close")]);
  const first = await Promise.race([isOver, once(AbortSignal.timeout(100), "abort")]);
  expect(first[0]).toBeInstanceOf(Event);
  proxy.heal();
  expect(await Promise.all([heard(socket, 1), heard(other, 1)])).toEqual(["b", "c"]);
});

test("a connection that is cut is reset, and one that is forgotten is not even ended", async () => {
  const proxy = await echo();
  const forgotten = await through(proxy);
  forgotten.write("a");
  await heard(forgotten, 1);
  proxy.forget();
  forgotten.write("b");
  const cut = await through(proxy);
  cut.write("c");
  expect(await heard(cut, 1)).toBe("c");
  const nothing = Promise.race([once(forgotten, "data"), once(forgotten, "close")]);
  const first = await Promise.race([nothing, once(AbortSignal.timeout(100), "abort")]);
  expect(first[0]).toBeInstanceOf(Event);
  const gone = Promise.all([closed(cut), closed(forgotten)]);
  proxy.cut();
  await gone;
  expect(proxy.connections).toBe(0);
});

test("an end that is said is passed on, after what was said before", async () => {
  const proxy = await echo();
  proxy.turn({ delayMs: 20 });
  const socket = await through(proxy);
  const ended = once(socket, "end");
  socket.end("last words");
  expect(await heard(socket, 10)).toBe("last words");
  await ended;
});

test("statements are counted by their text, prepared or not", () => {
  const counted = new Statements();
  const tap = counted.tap();
  const message = (kind: string, text: string): Buffer => {
    const body = Buffer.from(text);
    const head = Buffer.alloc(5);
    head.write(kind);
    head.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const start = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0]);
  const all = Buffer.concat([
    start,
    message("P", "s1\0SELECT\n  1\0\0\0"),
    ...[1, 2].flatMap(() => [message("B", "\0s1\0\0\0\0\0\0\0"), message("E", "\0\0\0\0\0")]),
    message("Q", "SELECT 2\0"),
    message("S", ""),
  ]);
  for (const byte of all) tap(Buffer.from([byte]));
  expect([...counted.counts]).toEqual([
    ["SELECT 1", 2],
    ["SELECT 2", 1],
  ]);
});
