import { readTreeSize } from "#proof/checkpoint.ts";
import { cosignatureVerifier } from "#proof/cosignature.ts";
import { verifyNote } from "#proof/signedNote.ts";

/** How long the witness may take: less than whoever waits for a gate, who may wait for two answers of it. */
const ANSWER_MS_MAX = 2_000;

/** How often it is asked about one checkpoint while other processes ask it as well. */
const ASKED_MAX = 5;

/** No answer of a witness is longer. */
const ANSWER_BYTES_MAX = 64 * 1024;

/** Where a witness is, and the key by which its word is known. */
export interface WitnessOptions {
  /** Such as `http://127.0.0.1:4100`; the path of the protocol is added. */
  readonly url: string;
  /** In the text form of signed notes, of the type for cosignatures. */
  readonly verifierKey: string;
}

/** The witness holds another log than this one, or a longer one. */
export class WitnessDisagrees extends Error {
  override readonly name = "WitnessDisagrees";
}

/** The witness has seen more of the log than this checkpoint has; another process may have asked it. */
export class WitnessAhead extends Error {
  override readonly name = "WitnessAhead";
  readonly size: bigint;

  constructor(size: bigint) {
    super(`the witness has seen ${size} revisions`);
    this.size = size;
  }
}

/** What is to be cosigned: a note that the log's own key signed, and the size that it tells. */
export interface SignedCheckpoint {
  readonly note: string;
  readonly size: bigint;
}

/** Proves that the tree of size `to` continues that of size `from`. */
export type Prove = (from: bigint, to: bigint) => Promise<readonly Uint8Array[]>;

/** Asks one witness for its cosignatures (C2SP tlog-witness, `add-checkpoint`). */
export class WitnessClient {
  readonly #url: string;
  readonly #verifier: ReturnType<typeof cosignatureVerifier>;
  /** The size that the witness saw last, as far as it told. */
  #seen = 0n;

  constructor({ url, verifierKey }: WitnessOptions) {
    this.#url = `${url.replace(/\/$/, "")}/add-checkpoint`;
    this.#verifier = cosignatureVerifier(verifierKey);
  }

  /**
   * Resolves to the lines of the witness's cosignature on a checkpoint.
   *
   * @throws {WitnessAhead} if it has seen more.
   * @throws {WitnessDisagrees} if it saw another log; any other error if it did not answer so.
   */
  async cosign(checkpoint: SignedCheckpoint, prove: Prove): Promise<string> {
    for (let asked = 1; ; asked += 1) {
      const { status, type, text } = await this.#ask(checkpoint, prove);
      if (status === 200) {
        // Its word counts only under its own key.
        verifyNote(`${checkpoint.note}${text}`, [this.#verifier]);
        this.#seen = checkpoint.size;
        return text;
      }
      const isOfSize = status === 409 && type === "text/x.tlog.size";
      if (status === 422 || (status === 409 && !isOfSize)) {
        throw new WitnessDisagrees(`the witness answers ${status}: ${text.trim()}`);
      }
      if (!isOfSize || asked >= ASKED_MAX) {
        throw new Error(`the witness answers ${status}: ${text.trim()}`);
      }
      // Another process has asked it since: once more from where it is now.
      this.#seen = sizeOf(text);
      if (this.#seen > checkpoint.size) throw new WitnessAhead(this.#seen);
    }
  }

  async #ask({ note, size }: SignedCheckpoint, prove: Prove): Promise<Answer> {
    const isProven = this.#seen > 0n && this.#seen < size;
    const proof = isProven ? await prove(this.#seen, size) : [];
    const lines = [
      `old ${this.#seen}`,
      ...proof.map((hash) => Buffer.from(hash).toString("base64")),
      "",
      note,
    ];
    const response = await fetch(this.#url, {
      method: "POST",
      body: lines.join("\n"),
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const type = response.headers.get("content-type");
    return { status: response.status, type, text: await textOf(response) };
  }
}

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
}

function sizeOf(text: string): bigint {
  const size = readTreeSize(text.replace(/\n$/, ""));
  if (size === null) throw new Error("the witness answers 409 without the size that it saw");
  return size;
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > ANSWER_BYTES_MAX) throw new Error("the witness's answer is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
