import { type StreamServer, WHO } from "./streamWorld.ts";

/** Keeps whoever begins to follow at a server waiting, until they are let go. */
export class Openings {
  #count = 0;
  #letGo: () => void = () => undefined;
  readonly #server: StreamServer;

  constructor(server: StreamServer) {
    this.#server = server;
    const over = new Promise<void>((resolve) => {
      this.#letGo = resolve;
    });
    server.beforeHead = () => {
      this.#count += 1;
      return over;
    };
  }

  /** Resolves when so many wait. */
  async reach(count: number): Promise<void> {
    while (this.#count < count) await this.#server.ask(WHO.rita, "{ viewer { name } }");
  }

  letGo(): void {
    this.#letGo();
  }
}
