import { Agent, type IncomingMessage, request } from "node:http";

/** Asks one server over one connection that stays open. */
export class Asking {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: URL;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = new URL("/graphql", url);
    this.#token = token;
  }

  /** The body of the answer. Throws for any status but 200. */
  post(body: string): Promise<string> {
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      authorization: `Bearer ${this.#token}`,
    };
    return new Promise((resolve, reject) => {
      const asking = request(this.#url, { method: "POST", agent: this.#agent, headers });
      asking.once("error", reject);
      asking.once("response", (response: IncomingMessage) => {
        const chunks: string[] = [];
        response.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const text = chunks.join("");
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`answered ${response.statusCode}: ${text}`));
        });
      });
      asking.end(body);
    });
  }

  /** Asks a document; throws for an answer with errors or with a refusal as its one field. */
  async ask<T>(query: string, variables: object): Promise<T> {
    const text = await this.post(JSON.stringify({ query, variables }));
    const { data, errors } = JSON.parse(text) as { data?: T; errors?: unknown };
    if (errors !== undefined || data === undefined) throw new Error(text);
    const [answer] = Object.values(data as object) as unknown[];
    if (typeof answer === "object" && answer !== null && "code" in answer) throw new Error(text);
    return data;
  }

  close(): void {
    this.#agent.destroy();
  }
}
