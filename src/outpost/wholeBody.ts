import type { IncomingMessage } from "node:http";

/**
 * The whole body of a request; null as soon as it is longer than allowed, or says that it will be.
 * Whoever sends more can still read the answer. Rejects where the request breaks off.
 */
export function wholeBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"] ?? 0) > bytesMax) resolve(null);
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve(null);
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
  });
}
