import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { v7 as newId } from "uuid";
import type { Intended } from "./dashboards.ts";
import { machineMs } from "./usage.ts";
import { PROBE_TOKEN } from "./stage.ts";

const SOCKETS_MAX = 64;

/** Less than any server here keeps a connection that is idle, so that none is reset as it is used again. */
const IDLE_MS_MAX = 2_000;

/** Appends something to a packet and resolves to the number of its event. */
export type AppendOne = (packet: string) => Promise<number>;

/** Posts to one server, as many at once as there are. */
export class Posting {
  readonly #agent = new Agent({
    keepAlive: true,
    maxSockets: SOCKETS_MAX,
    timeout: IDLE_MS_MAX,
  });
  readonly #url: URL;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** Resolves to the answer; throws for any status but 200. */
  async post(body: object): Promise<unknown> {
    const sent = JSON.stringify(body);
    const headers = {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(sent),
      authorization: `Bearer ${PROBE_TOKEN}`,
    };
    const { status, answer } = await new Promise<{ status: number; answer: Promise<string> }>(
      (resolve, reject) => {
        request(this.#url, { method: "POST", agent: this.#agent, headers })
          .once("error", reject)
          .once("response", (response) => {
            resolve({ status: response.statusCode ?? 0, answer: text(response) });
          })
          .end(sent);
      },
    );
    const told = await answer;
    if (status !== 200) throw new Error(`answered ${status}: ${told}`);
    return JSON.parse(told) as unknown;
  }

  close(): void {
    this.#agent.destroy();
  }
}

const RECORD = `mutation ($input: ReadinessRecordInput!) { readinessRecord(input: $input) {
  ... on ReadinessRecordPayload { revision { number } } ... on Error { code message } } }`;

interface Recorded {
  readonly data?: { readonly readinessRecord: { readonly revision?: { readonly number: number } } };
}

let drifts = 0;

/** Of the product: a safeguard that is off and on in turn, so that most revisions change a hold. */
export function recordsOf(posting: Posting): AppendOne {
  return async (packet) => {
    drifts += 1;
    const status = drifts % 2 === 0 ? "ENGAGED" : "DISENGAGED";
    const safeguard = { target: "registry", safeguard: "REGISTRY_RELEASE", status };
    const input = { idempotencyKey: newId(), packet, entries: [{ safeguard }] };
    const answer = (await posting.post({ query: RECORD, variables: { input } })) as Recorded;
    const number = answer.data?.readinessRecord.revision?.number;
    if (number === undefined) throw new Error(`nothing was recorded: ${JSON.stringify(answer)}`);
    return number;
  };
}

const SHARED_RECORD = `mutation ($input: SharedRecordInput!) { sharedRecord(input: $input) {
  ... on SharedRecordPayload { repeated } ... on Error { code message } } }`;

interface SharedRecorded {
  readonly data?: { readonly sharedRecord: { readonly repeated?: boolean } };
}

/** Of the product: one report of an enclave that every packet depends on, so that each gets a revision. */
export async function recordForAll(posting: Posting): Promise<void> {
  const enclaveReport = {
    enclave: "north",
    availability: "AVAILABLE",
    sealing: "SEALED",
    seal: "s1",
    measurement: `sha512:${"0".repeat(128)}`,
  };
  const input = { idempotencyKey: newId(), exercise: false, entries: [{ enclaveReport }] };
  const answer = (await posting.post({
    query: SHARED_RECORD,
    variables: { input },
  })) as SharedRecorded;
  if (answer.data?.sharedRecord.repeated === undefined) {
    throw new Error(`nothing was recorded: ${JSON.stringify(answer)}`);
  }
}

/**
 * An open loop: appends begin when they are due, however long earlier ones take, and resolves when
 * all are acknowledged to when each event was due.
 */
export async function appendOpenly(
  append: () => Promise<number>,
  { perSecond, count }: { readonly perSecond: number; readonly count: number },
): Promise<Intended> {
  const start = machineMs();
  const gapMs = 1000 / perSecond;
  const running: Promise<readonly [number, number]>[] = [];
  while (running.length < count) {
    const dueMs = start + running.length * gapMs;
    const aheadMs = dueMs - machineMs();
    if (aheadMs > 0) {
      await new Promise((resolve) => setTimeout(resolve, aheadMs));
      continue;
    }
    const one = append().then((number) => [number, dueMs] as const);
    // One that fails early is told of at the end, with the others.
    one.catch(() => undefined);
    running.push(one);
  }
  return Promise.all(running);
}
