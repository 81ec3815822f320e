import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

// A bare HTTP server: answers every request, once it is read, with the text that standard
// input brought. Says its port, and ends with the signal that ends it.
const body = Buffer.from(await text(process.stdin));
const server = createServer((request, response) => {
  request.resume().once("end", () => {
    response.writeHead(200, {
      "content-type": "application/json; charset=utf-8",
      "content-length": body.length,
    });
    response.end(body);
  });
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
