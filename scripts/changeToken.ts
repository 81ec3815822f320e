import { mkdir, open, readFile } from "node:fs/promises";
import path from "node:path";
import { CHANGE_FORMAT, Change, ChangeKind } from "#packet/change.ts";
import { Epoch } from "#packet/epoch.ts";
import { canonical } from "#proof/canonical.ts";
import { sha256Hex } from "#proof/digest.ts";
import { changeDigest, changeText, readChange } from "#recovery/change.ts";
import {
  type ChangeKeys,
  changeTokenFaults,
  openChangeToken,
  readChangeKeys,
} from "#recovery/changeToken.ts";
import { HELP_OPTION, NotDone, type WordsOf, runVerb } from "./commandLine.ts";

const HELP = `Asks the change-rate service for tokens, and verifies them without it.

  npm run change-token -- describe KIND SUBJECT --deployment ID --content FILE
      prints the description of a change, of which FILE says what exactly is done;
      KIND is one of ${ChangeKind.options.join(", ")}
  npm run change-token -- request --change FILE --asker NAME --reason TEXT --epoch N --key KEY
      prints what is to be signed to ask for that change from epoch N on; KEY is your own:
      the same one gives the same answer
  npm run change-token -- send URL FILE FILE.sig
      posts a signed request to URL/changes, or a signed policy to URL/policy, and prints the answer
  npm run change-token -- check TOKEN --keys FILE --change FILE --epoch N [--used DIR]
      verifies, offline, that TOKEN allows exactly that change at epoch N; TOKEN is the token, or a
      file of it. --keys is the key set that GET /keys gave. With --used the token is used up: its
      id is kept in DIR, and a second use is refused.

In between, where the key is:
  ssh-keygen -Y sign -f KEY -n pace-change@holdfast FILE     (policies: -n pace-policy@holdfast)

Exit code: 0 if the token is good or it was done, 1 if not, 2 for a wrong command line.
`;

const OPTIONS = {
  help: HELP_OPTION,
  deployment: { type: "string" },
  content: { type: "string" },
  change: { type: "string" },
  asker: { type: "string" },
  reason: { type: "string" },
  epoch: { type: "string" },
  key: { type: "string" },
  keys: { type: "string" },
  used: { type: "string" },
} as const;

/** How long the service may take to answer. */
const ANSWER_MS = 10_000;

process.exitCode = await runVerb("change-token", { help: HELP, options: OPTIONS }, done);

type Words = WordsOf<typeof OPTIONS>;

async function done(said: readonly string[], words: Words): Promise<string> {
  const [verb, ...rest] = said;
  const [first, second, third] = rest;
  if (verb === "request" && rest.length === 0) return request(words);
  if (verb === "check" && first !== undefined && rest.length === 1) return check(first, words);
  if (verb === "describe" && second !== undefined && rest.length === 2) {
    return describe(first ?? "", second, words);
  }
  if (verb === "send" && third !== undefined && rest.length === 3) {
    return send(first ?? "", second ?? "", third);
  }
  throw new TypeError("say describe KIND SUBJECT, request, send URL FILE FILE.sig or check TOKEN");
}

async function describe(kind: string, subject: string, words: Words): Promise<string> {
  const content = sha256Hex(await readFile(given(words.content, "--content FILE")));
  const deployment = given(words.deployment, "--deployment ID");
  const described = Change.safeParse({ content, deployment, format: CHANGE_FORMAT, kind, subject });
  if (described.success) return `${changeText(described.data)}\n`;
  const faults = described.error.issues.map((each) => `${each.path.join(".")} ${each.message}`);
  throw new TypeError(faults.join("; "));
}

async function request(words: Words): Promise<string> {
  const change = await changeIn(given(words.change, "--change FILE"));
  return `${canonical({
    asker: given(words.asker, "--asker NAME"),
    change: { ...change },
    epoch: epochOf(words),
    format: "holdfast/pace-request/1",
    idempotencyKey: given(words.key, "--key KEY"),
    reason: given(words.reason, "--reason TEXT"),
  })}\n`;
}

async function send(url: string, file: string, signatureFile: string): Promise<string> {
  const text = await readFile(file, "utf8");
  const signature = await readFile(signatureFile, "utf8");
  const place = text.includes("holdfast/pace-policy/1") ? "policy" : "changes";
  const response = await fetch(`${url.replace(/\/$/, "")}/${place}`, {
    method: "POST",
    body: JSON.stringify({ text, signature }),
    signal: AbortSignal.timeout(ANSWER_MS),
  }).catch((fault: unknown) => {
    throw new NotDone(`the service does not answer: ${String(fault)}`);
  });
  const answer = await response.text();
  if (response.ok) return answer;
  throw new NotDone(answer.trimEnd());
}

async function check(token: string, words: Words): Promise<string> {
  const keys = await keysIn(given(words.keys, "--keys FILE"));
  const change = await changeIn(given(words.change, "--change FILE"));
  const epoch = epochOf(words);
  const text = token.includes(".") && token.startsWith("eyJ") ? token : await readToken(token);
  const opened = await openChangeToken(text.trimEnd(), keys);
  const faults = typeof opened === "string" ? [opened] : changeTokenFaults(opened, change, epoch);
  if (typeof opened === "string" || faults.length > 0) {
    throw new NotDone(`the token does not allow this: ${faults.join(", ")}`);
  }
  if (words.used !== undefined) await useUp(words.used, opened.id);
  const { id, kind, firstEpoch, lastEpoch, policy } = opened;
  return [
    `allowed: ${kind} of ${change.subject}, change ${changeDigest(change)}`,
    `token ${id}, epochs ${firstEpoch} to ${lastEpoch}, by policy ${policy}`,
    words.used === undefined ? "not used up: see to it that it is used once" : "used up by this",
    "",
  ].join("\n");
}

/** Of any number that try at once one creates the file, and it stays after a crash. */
async function useUp(directory: string, id: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const handle = await open(path.join(directory, id), "wx").catch((fault: unknown) => {
    if ((fault as NodeJS.ErrnoException).code !== "EEXIST") throw fault;
    throw new NotDone("the token does not allow this: ALREADY_USED");
  });
  await handle.sync();
  await handle.close();
  const folder = await open(directory);
  await folder.sync();
  await folder.close();
}

async function keysIn(file: string): Promise<ChangeKeys> {
  const value = jsonOf(await readToken(file));
  const read = readChangeKeys(value);
  if ("keyFor" in read) return read;
  throw new NotDone(`${file} is no key set: ${read.join("; ")}`);
}

async function changeIn(file: string): Promise<Change> {
  const change = readChange(await readToken(file));
  if (change !== null) return change;
  throw new NotDone(`${file} is no description of a change in canonical form`);
}

function readToken(file: string): Promise<string> {
  return readFile(file, "utf8").catch((fault: NodeJS.ErrnoException) => {
    throw new NotDone(`${file} cannot be read (${fault.code ?? "unknown cause"})`);
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function epochOf({ epoch }: Words): bigint {
  const read = Epoch.safeParse(given(epoch, "--epoch N"));
  if (!read.success) throw new TypeError("--epoch must be a whole number");
  return read.data;
}

function given(value: string | undefined, option: string): string {
  if (value === undefined) throw new TypeError(`${option} is missing`);
  return value;
}
