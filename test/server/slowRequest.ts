import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** A request whose head has been sent and whose body has not. */
export interface SlowRequest {
  /** Sends the body and resolves to the answer. */
  finish(): Promise<{ readonly status: number; readonly body: string }>;
}

const QUERY = JSON.stringify({ query: "{ __typename }" });

/** Asks the API, and resolves when the server has the head. */
export async function beginRequest(url: string, token: string): Promise<SlowRequest> {
  const asking = request(`${url}/graphql`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      "content-length": Buffer.byteLength(QUERY),
      expect: "100-continue",
    },
  });
  const answered = once(asking, "response");
  // A request that is cut off shows where its answer is awaited, if it is.
  answered.catch(() => undefined);
  asking.flushHeaders();
  await once(asking, "continue");
  return {
    async finish() {
      asking.end(QUERY);
      const [response] = (await answered) as [IncomingMessage];
      return { status: response.statusCode ?? 0, body: await text(response) };
    },
  };
}
