import { mkdtemp } from "node:fs/promises";
import path from "node:path";
import type { Verb } from "#access/permissions.ts";
import { memberName } from "#graphql/input/domainInput.ts";
import { asApplication } from "../database/freshDatabase.ts";
import { type MainProcess, startMain, urlOf } from "../server/startMain.ts";
import { UNLIMITED } from "../server/unlimited.ts";
import { bearer, passport } from "../identity/passports.ts";
import type { Outcome, Request, VerbNode } from "./verbNode.ts";

/** Everybody who drifts, decides or looks in a race, as the principals file has them. */
export const PASSPORTS = {
  ivan: passport("ivan", ["OPERATOR"]),
  olga: passport("olga", ["APPROVAL_OWNER"]),
  paul: passport("paul", ["REPORTER"]),
  rex: passport("rex", ["RELEASE_SECURITY"]),
  rita: passport("rita", ["READER"]),
  uma: passport("uma", ["SOURCE_AUTHORITY"]),
} as const;

/** An approval that was asked for, and the revision that its acknowledgement names. */
export interface Acknowledged {
  readonly packet: string;
  readonly revision: number;
  readonly digest: string;
  readonly recordedIn: number;
}

/** A server of the product's own, asked over HTTP. */
export interface HttpNode extends VerbNode {
  /** Where it serves, without a path. */
  readonly url: string;
  /** Every approval that it acknowledged, in the order of the acknowledgements. */
  readonly approvals: readonly Acknowledged[];
  /** Everything that it logged. */
  faults(): string;
  /** Reads as rita does; throws for an answer with errors. */
  read<T>(query: string, variables?: object): Promise<T>;
}

/** One epoch lasts longer than any race: the clock moves only when somebody moves it. */
export const EPOCH_MS = 24 * 60 * 60 * 1000;

const RECORDED = "revision { packet number digest }";
const APPENDED = `appended { ${RECORDED} }`;

/** The mutation of each verb that a race asks for, and what of its payload is told. */
const MUTATIONS: Partial<Readonly<Record<Verb, readonly [name: string, told: string]>>> = {
  enclaveReport: ["sharedRecord", APPENDED],
  epochFreeze: ["epochFreeze", APPENDED],
  epochThaw: ["epochThaw", APPENDED],
  operatorHoldPlace: ["operatorHoldPlace", RECORDED],
  operatorHoldRelease: ["operatorHoldRelease", RECORDED],
  packetApprove: ["packetApprove", RECORDED],
  readinessRecord: ["readinessRecord", RECORDED],
  sourceAccept: ["sourceAccept", APPENDED],
};

/** Where a server finds its database as its own role, and what it keeps beside it. */
export interface HttpNodeOptions {
  readonly appUrl: string;
  readonly data: string;
  /** More of its environment. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Starts a server on a database, by its owner's address; resolves when it serves. */
export async function startHttpNode(
  url: string,
  principals: string,
  options?: HttpNodeOptions,
): Promise<HttpNode> {
  const main = startMain({
    DATABASE_URL: options?.appUrl ?? asApplication(url),
    HOLDFAST_CONNECTIONS_MAX: "8",
    HOLDFAST_DATA: options?.data ?? (await mkdtemp(path.join(path.dirname(principals), "node-"))),
    HOLDFAST_EPOCH_MS: String(EPOCH_MS),
    HOLDFAST_MIGRATION_URL: url,
    HOLDFAST_PORT: "0",
    HOLDFAST_PRINCIPALS: principals,
    ...UNLIMITED,
    ...options?.more,
  });
  await main.says("Holdfast serves");
  return new ServedNode(main);
}

class ServedNode implements HttpNode {
  readonly approvals: Acknowledged[] = [];
  readonly url: string;
  readonly #main: MainProcess;
  #asked = 0;

  constructor(main: MainProcess) {
    this.#main = main;
    this.url = urlOf(main);
  }

  get pid(): number {
    return this.#main.pid;
  }

  faults(): string {
    return this.#main.stderr();
  }

  ask: VerbNode["ask"] = async (request) => {
    this.#asked += 1;
    const id = this.#asked;
    await this.#think(request.thinkUs);
    const askedNs = process.hrtime.bigint();
    const outcome = await this.#change(request);
    const answeredNs = process.hrtime.bigint();
    if (request.verb === "packetApprove" && outcome.done) this.#note(request.input, outcome.answer);
    return { id, outcome, askedNs: String(askedNs), answeredNs: String(answeredNs) };
  };

  async read<T>(query: string, variables: object = {}): Promise<T> {
    const { data, errors } = await this.#post("rita", query, variables);
    if (data === null || data === undefined) throw new Error(JSON.stringify(errors));
    return data as T;
  }

  async leave(): Promise<void> {
    this.#main.signal("SIGTERM");
    await this.#main.exited;
  }

  async kill(): Promise<void> {
    process.kill(this.pid, "SIGKILL");
    await this.gone;
  }

  get gone(): Promise<void> {
    return this.#main.exited.then(() => undefined);
  }

  /** Looks at the server until the time is over, as somebody does who reads before they decide. */
  async #think(thinkUs: number): Promise<void> {
    const until = process.hrtime.bigint() + BigInt(thinkUs) * 1000n;
    while (process.hrtime.bigint() < until) await (await fetch(`${this.url}/live`)).text();
  }

  #change(request: Omit<Request, "id" | "thinkUs">): Promise<Outcome> {
    return changeAt(this.url, request);
  }

  #post(name: string, query: string, variables: object): Promise<Posted> {
    return postTo(this.url, name, { query, variables });
  }

  #note(input: unknown, answer: unknown): void {
    const { packet, revision, digest } = input as Omit<Acknowledged, "recordedIn">;
    const { revision: recordedIn } = answer as { revision: number };
    this.approvals.push({ packet, revision, digest, recordedIn });
  }
}

/**
 * Asks a server for a change. Whatever it answers is an outcome; throws where no answer comes, or
 * none before the signal.
 */
export async function changeAt(
  url: string,
  { verb, by, input }: Omit<Request, "id" | "thinkUs">,
  signal?: AbortSignal,
): Promise<Outcome> {
  const [name, told] = MUTATIONS[verb] ?? [];
  if (name === undefined) throw new Error(`no race asks for ${verb}`);
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  const query = `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) {
    __typename ... on ${type}Payload { ${told} } ... on Error { code }
    ${verb === "packetApprove" ? "... on ApprovalRefused { reasons { code } }" : ""} } }`;
  const variables = { input: choices(input) };
  const { status, data, errors } = await postTo(url, by.actor, { query, variables }, signal);
  if (data === null || data === undefined) {
    return { done: false, codes: [`ANSWERED ${status} ${JSON.stringify(errors)}`] };
  }
  return outcomeOf((data as { answer: Answer }).answer);
}

/** Asks as somebody who has a passport; throws where no answer comes. */
async function postTo(
  url: string,
  name: string,
  body: { readonly query: string; readonly variables: object },
  signal?: AbortSignal,
): Promise<Posted> {
  const known: Readonly<Record<string, (typeof PASSPORTS)["ivan"]>> = PASSPORTS;
  const holder = known[name];
  if (holder === undefined) throw new Error(`${name} has no passport`);
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: bearer(holder) },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  const { data, errors } = (await response.json()) as Omit<Posted, "status">;
  return { status: response.status, data, errors };
}

interface Posted {
  readonly status: number;
  readonly data?: unknown;
  readonly errors?: unknown;
}

interface Recorded {
  readonly packet: string;
  readonly number: number;
  readonly digest: string;
}

interface Answer {
  readonly code?: string;
  readonly reasons?: readonly { readonly code: string }[];
  readonly revision?: Recorded;
  readonly appended?: Appended | readonly Appended[] | null;
}

interface Appended {
  readonly revision: Recorded;
}

function outcomeOf({ code, reasons, revision, appended }: Answer): Outcome {
  if (code !== undefined) {
    return { done: false, codes: reasons?.map((reason) => reason.code) ?? [code] };
  }
  if (revision !== undefined) return { done: true, answer: named(revision) };
  const all = [appended ?? []].flat();
  return { done: true, answer: { appended: all.map((each) => named(each.revision)) } };
}

/** A revision as the verbs themselves name it. */
function named({ packet, number, digest }: Recorded) {
  return { packet, revision: number, digest };
}

/** An input as the API takes it: what the domain tells apart by its kind is there a choice of one. */
function choices(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(choices);
  if (typeof value !== "object" || value === null) return value;
  const { kind, ...members } = value as { readonly kind?: unknown };
  const own = Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, choices(member)]),
  );
  return typeof kind === "string" ? { [memberName(kind)]: own } : own;
}
