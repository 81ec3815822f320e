import { request } from "node:http";
import { bearer } from "../identity/passports.ts";
import { EventText } from "../streams/eventText.ts";
import type { Followed, Transport, Wanted } from "../streams/transports.ts";

/** Follows by server-sent events from within this process, so that there can be hundreds. */
function eventSource({ url, by, query, variables = {} }: Wanted): Followed {
  const events = new EventText();
  const asking = request(url, {
    method: "POST",
    agent: false,
    headers: {
      accept: "text/event-stream",
      authorization: bearer(by),
      "content-type": "application/json",
    },
  });
  asking.on("response", (response) => {
    const { "content-type": contentType = "" } = response.headers;
    events.take(`HTTP/1.1 ${response.statusCode}\r\ncontent-type: ${contentType}\r\n\r\n`);
    response.setEncoding("utf8").on("data", (text: string) => events.take(text));
    // A connection that is cut in the middle of an answer is an error first, and then a close.
    response.on("error", () => undefined);
    response.once("close", () => events.close());
  });
  asking.on("error", () => events.close());
  asking.end(JSON.stringify({ query, variables }));
  return { next: () => events.inbox.next(), leave: () => asking.destroy() };
}

export const EVENT_SOURCE: Transport = {
  name: "server-sent events",
  follow: eventSource,
  lostRights: "FORBIDDEN",
  goneAway: "CUT",
};
