import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Answers a request with JSON that nothing may keep. */
export function answerJson(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.statusCode = status;
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.setHeader("content-length", Buffer.byteLength(text));
  response.setHeader("cache-control", "no-store");
  response.end(text);
}

/** Refuses an upgrade in plain HTTP and ends its connection. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () =>
    socket.destroy(),
  );
}

/** A request's path without its query, as it was sent. */
export function pathOf({ url = "/" }: IncomingMessage): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

/** Headers of which Node takes the first and others on the way may take the last. */
const ONCE: ReadonlySet<string> = new Set([
  "host",
  "content-encoding",
  "content-type",
  "origin",
  "upgrade",
]);

/** True where the sender says something twice that may be said once. */
export function isAmbiguous({ rawHeaders }: IncomingMessage): boolean {
  const names = rawHeaders
    .filter((_header, index) => index % 2 === 0)
    .map((name) => name.toLowerCase())
    .filter((name) => ONCE.has(name));
  return new Set(names).size < names.length;
}

/** True for GET and HEAD. */
export function isReading({ method }: IncomingMessage): boolean {
  return method === "GET" || method === "HEAD";
}

/** True for an answer that goes on until somebody ends it, such as server-sent events. */
export function isStream(response: ServerResponse): boolean {
  return String(response.getHeader("content-type")).startsWith("text/event-stream");
}
