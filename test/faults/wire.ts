import { once } from "node:events";
import { type AddressInfo, type Socket, createConnection, createServer } from "node:net";

/** When, around one statement, something happens. */
export type Moment =
  /** The statement was asked for and has not reached the server. */
  | "BEFORE"
  /** It has reached the server, and nobody knows what came of it. */
  | "SENT"
  /** The server has answered, and the answer does not arrive. */
  | "ANSWERED";

/** Something that happens once, at the first statement that fits. */
export interface Incident {
  readonly statement: RegExp;
  readonly moment: Moment;
  /** Until it resolves nothing passes on this connection. */
  readonly happens: (cut: () => void) => void | Promise<void>;
}

/** A way to a Postgres on which each statement can be met. */
export interface Wire {
  /** The address to be used in place of the server's own. */
  readonly url: string;
  /** Resolves when it has happened. */
  arm(incident: Incident): Promise<void>;
  /** Leads to another server from now on; whoever is connected is cut off. */
  redirect(target: string): void;
  close(): Promise<void>;
}

/** Opens a way to the Postgres of an address. Every message is passed on as it is. */
export async function openWire(target: string): Promise<Wire> {
  let to = new URL(target);
  let armed: (Incident & { readonly done: () => void }) | null = null;
  const take = (sql: string): typeof armed => {
    if (armed === null || !armed.statement.test(sql)) return null;
    const taken = armed;
    armed = null;
    return taken;
  };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection({ host: to.hostname, port: Number(to.port) });
    sockets.add(client).add(upstream);
    new Passage(client, upstream, take).open();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(target);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    arm: (incident) =>
      new Promise((done) => {
        armed = { ...incident, done };
      }),
    redirect(target) {
      to = new URL(target);
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

type Taken = (Incident & { readonly done: () => void }) | null;

/** One connection: the client's messages are read, the server's only counted where it matters. */
class Passage {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #take: (sql: string) => Taken;
  readonly #prepared = new Map<string, string>();
  #unread = Buffer.alloc(0);
  #isStarted = false;
  #reading: Promise<void> = Promise.resolve();
  /** Whether the client's messages go on unread, behind one that was met. */
  #isThrough = false;
  /** What the server says goes nowhere while this is there; it is told of each piece. */
  #withheld: ((piece: Buffer) => void) | null = null;

  constructor(client: Socket, upstream: Socket, take: (sql: string) => Taken) {
    this.#client = client;
    this.#upstream = upstream;
    this.#take = take;
  }

  /** Passes on what comes, from now on. */
  open(): void {
    const [client, upstream] = [this.#client, this.#upstream];
    client.on("data", (piece) => {
      if (this.#isThrough) upstream.write(piece);
      else this.#reading = this.#reading.then(() => this.#read(piece));
    });
    upstream.on("data", (piece) => {
      if (this.#withheld === null) client.write(piece);
      else this.#withheld(piece);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  }

  readonly #cut = (): void => {
    this.#client.destroy();
    this.#upstream.destroy();
  };

  async #read(piece: Buffer): Promise<void> {
    this.#unread = Buffer.concat([this.#unread, piece]);
    for (;;) {
      const head = this.#isStarted ? 1 : 0;
      if (this.#unread.length < head + 4) return;
      const length = head + this.#unread.readUInt32BE(head);
      if (this.#unread.length < length) return;
      const message = this.#unread.subarray(0, length);
      this.#unread = this.#unread.subarray(length);
      const sql = this.#isStarted ? this.#statementOf(message) : null;
      this.#isStarted = true;
      const taken = sql === null ? null : this.#take(sql);
      if (taken === null) this.#upstream.write(message);
      else await this.#meet(taken, message);
    }
  }

  /** The text of the statement that a message runs; null for any other message. */
  #statementOf(message: Buffer): string | null {
    const kind = String.fromCodePoint(message[0] ?? 0);
    const [first = "", second = ""] = message.toString("latin1", 5).split("\0", 2);
    if (kind === "Q") return first;
    if (kind === "P") this.#prepared.set(first, second);
    return kind === "B" ? (this.#prepared.get(second) ?? null) : null;
  }

  async #meet({ moment, happens, done }: NonNullable<Taken>, message: Buffer): Promise<void> {
    if (moment === "BEFORE") {
      await happens(this.#cut);
      this.#upstream.write(message);
      done();
      return;
    }
    const answered = this.#withhold();
    // What follows the Bind is the Execute and the Sync that make it run.
    this.#upstream.write(message);
    this.#upstream.write(this.#unread);
    this.#unread = Buffer.alloc(0);
    this.#isThrough = true;
    const pieces = moment === "ANSWERED" ? await answered : [];
    await happens(this.#cut);
    this.#withheld = null;
    this.#isThrough = false;
    for (const piece of pieces) this.#client.write(piece);
    done();
  }

  /** Resolves to the server's answer when it is ready for what comes next. */
  #withhold(): Promise<Buffer[]> {
    const pieces: Buffer[] = [];
    return new Promise((resolve) => {
      this.#withheld = (piece) => {
        pieces.push(piece);
        const end = Buffer.concat(pieces).subarray(-6);
        // ReadyForQuery: its letter, its length of five, and how the transaction stands.
        if (end[0] === 0x5a && end.readUInt32BE(1) === 5) resolve(pieces);
      };
    });
  }
}
