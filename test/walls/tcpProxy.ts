import { once } from "node:events";
import {
  type AddressInfo,
  type Server,
  type Socket,
  createConnection,
  createServer,
} from "node:net";
import type { Chance } from "../faults/chance.ts";
import { CLEAR, Pipe, type Sky, type Weather } from "./pipe.ts";

/** From whoever connects to the server, or back. */
export type Way = "UP" | "DOWN";

/** Sees what one connection sends to the server. */
export type Tap = (bytes: Buffer) => void;

interface Connection {
  readonly ends: readonly [Socket, Socket];
  readonly pipes: readonly [up: Pipe, down: Pipe];
}

/**
 * A way to a server over which a test rules. What does not pass is held and comes when the way is
 * healed, as TCP has it; a connection that was forgotten never says anything again.
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #dice: Chance;
  readonly #newTap: () => Tap;
  readonly #connections = new Set<Connection>();
  readonly #dark = new Set<Way>();
  #weather: Weather = CLEAR;

  private constructor(
    server: Server,
    target: { readonly host: string; readonly port: number },
    dice: Chance,
    newTap: () => Tap,
  ) {
    this.#server = server;
    this.#target = target;
    this.#dice = dice;
    this.#newTap = newTap;
    server.on("connection", (client) => this.#connect(client));
  }

  /** Opens a way to the host and port of an address; `newTap` is called for each connection. */
  static async open(
    address: string,
    dice: Chance,
    newTap: () => Tap = () => () => undefined,
  ): Promise<TcpProxy> {
    const { hostname, port } = new URL(address);
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpProxy(server, { host: hostname, port: Number(port) }, dice, newTap);
  }

  /** The same address by this way. */
  by(address: string): string {
    const url = new URL(address);
    url.hostname = "127.0.0.1";
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#connections.size;
  }

  /** What holds from now on for what comes in; nothing else is changed. */
  turn(weather: Partial<Weather>): void {
    this.#weather = { ...this.#weather, ...weather };
  }

  /** Connections are accepted and stay, and nothing passes these ways. */
  darken(...ways: readonly Way[]): void {
    for (const way of ways) this.#dark.add(way);
  }

  /** Whatever was held passes, and the weather is clear. */
  heal(): void {
    this.#dark.clear();
    this.#weather = CLEAR;
    for (const { pipes } of this.#connections) for (const pipe of pipes) pipe.pump();
  }

  /** Resets every connection. */
  cut(): void {
    for (const connection of this.#connections) {
      for (const pipe of connection.pipes) pipe.drop();
      for (const end of connection.ends) end.resetAndDestroy();
    }
    this.#connections.clear();
  }

  /** Leaves every connection half open for ever: what is sent goes nowhere, and no end comes. */
  forget(): void {
    for (const { pipes } of this.#connections) for (const pipe of pipes) pipe.silence();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #connect(client: Socket): void {
    const upstream = createConnection({ ...this.#target, allowHalfOpen: true, noDelay: true });
    const sky = (way: Way) => (): Sky => ({
      weather: this.#weather,
      isDark: this.#dark.has(way),
    });
    const connection: Connection = {
      ends: [client, upstream],
      pipes: [
        new Pipe([client, upstream], sky("UP"), this.#dice, this.#newTap()),
        new Pipe([upstream, client], sky("DOWN"), this.#dice),
      ],
    };
    this.#connections.add(connection);
    let open = 2;
    for (const end of connection.ends) {
      end.once("close", () => {
        open -= 1;
        if (open === 0) this.#connections.delete(connection);
      });
    }
  }
}
