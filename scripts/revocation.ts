import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  readShardText,
  readSignedList,
  REVOCATION_NAMESPACE,
  type RevocationList,
  revocationListBytes,
  shardOf,
  shardText,
  signedListText,
} from "#proof/revocationList.ts";
import { changeText, describeChange, revocationChange } from "#recovery/change.ts";
import { HELP_OPTION, NotDone, type WordsOf, runVerb } from "./commandLine.ts";
import { gathered, read } from "./revocation/entries.ts";
import { signWith } from "./sshKeygen.ts";

const HELP = `Revokes credentials: of people and services, of keys, of nodes. Revoked is for good.

  npm run revocation -- add ID... --lists DIR --url URL --issuer NAME --key FILE
  npm run revocation -- push [SHARD...] --lists DIR --to URL,URL [--tokens DIR]
  npm run revocation -- change SHARD --lists DIR
  npm run revocation -- preview ID... --url URL
  npm run revocation -- status --to URL,URL

  ID        principal:NAME, node:NAME, or key:SHA256:... as ssh-keygen -l prints it
  --krl     a list of ssh-keygen -k: the keys in it are added too; may be said again
  --signers allowed signers, in which keys are found that such a list names by SHA-1 alone
  --reissue sign the lists of other issuers anew, as nodes take none of one who is revoked
  --lists   a folder with the signed list of each shard as it was pushed last: keep it
  --url     a server: its deployment goes into the lists, or say --deployment
  --issuer  whose name the lists are in: RELEASE_SECURITY, with a key listed for ${REVOCATION_NAMESPACE}
  --key     the private key, or the public one of a key that ssh-agent or a FIDO device holds
  --to      the nodes, each by its address; push hands them the lists of the shards named, or of all
  --tokens  a folder with a token of the change-rate service for each list, in a file of the shard's
            name; needed where that service decides how fast lists are pushed

add signs the next list of each shard that an ID lies in, and says which. preview says what it would
do before it is pushed, change what to ask the change-rate service for. preview and status come with
the header in HOLDFAST_AUTHORIZATION. Exit code: 0 if it was done, 1 if it was not or a node refused,
2 for a wrong command line.
`;

const OPTIONS = {
  help: HELP_OPTION,
  krl: { type: "string", multiple: true },
  signers: { type: "string" },
  lists: { type: "string" },
  url: { type: "string" },
  deployment: { type: "string" },
  issuer: { type: "string" },
  key: { type: "string" },
  to: { type: "string" },
  tokens: { type: "string" },
  reissue: { type: "boolean", default: false },
} as const;

const PREVIEW = `query Preview($input: RevocationPreviewInput!) {
  revocationPreview(input: $input) {
    __typename
    ... on RevocationImpact {
      packets { packet status opened { code subject } shiftsLosingQuorum approvalLapses approverCutOff }
      packetsConcerned unreadable principalsCutOff keysCutOff { fingerprint holder components } nodesCutOff
      refusedHere
    }
    ... on Error { code message }
  }
}`;

process.exitCode = await runVerb("revocation", { help: HELP, options: OPTIONS }, done);

type Words = WordsOf<typeof OPTIONS>;

async function done(said: readonly string[], words: Words): Promise<string> {
  const [verb, ...rest] = said;
  if (verb === "add") return add(rest, words);
  if (verb === "push") return push(rest, words);
  if (verb === "change" && rest.length === 1) return change(rest[0] ?? "", words);
  if (verb === "preview" && rest.length > 0) return preview(rest, words);
  if (verb === "status" && rest.length === 0) return status(words);
  throw new TypeError("say add, push, change SHARD, preview or status");
}

async function add(named: readonly string[], words: Words): Promise<string> {
  const folder = needed(words, "lists");
  const [issuedBy, key] = [needed(words, "issuer"), needed(words, "key")];
  const { krl: krls = [], signers } = words;
  const { ids, left } = await gathered({ ids: named, krls, signers });
  if (ids.size === 0 && !words.reissue) {
    throw new TypeError("say which credentials, --krl FILE or --reissue");
  }
  const deployment = words.deployment ?? (await deploymentOf(needed(words, "url")));
  await mkdir(folder, { recursive: true });
  const lines = left.map((line) => `${line}\n`);
  const shards = new Set([...ids].map(shardOf));
  for (const name of words.reissue ? await shardsIn(folder) : []) {
    shards.add(Number.parseInt(name, 16));
  }
  for (const shard of [...shards].toSorted((one, other) => one - other)) {
    const held = await listIn(folder, shard);
    const before = new Set(held?.revoked);
    const news = [...ids].filter((id) => shardOf(id) === shard && !before.has(id));
    const isReissued = words.reissue && held !== null && held.issuedBy !== issuedBy;
    if (news.length === 0 && !isReissued) continue;
    const revoked = [...before, ...news].toSorted();
    const version = (held?.version ?? 0n) + 1n;
    const bytes = revocationListBytes({ deployment, shard, version, issuedBy, revoked });
    const text = signedListText(bytes, await signWith(key, REVOCATION_NAMESPACE, bytes));
    const file = path.join(folder, shardText(shard));
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
    lines.push(`${shardText(shard)} version ${version}: ${news.toSorted().join(" ")}\n`);
  }
  return lines.length === 0 ? "all of them are revoked already\n" : lines.join("");
}

async function push(named: readonly string[], words: Words): Promise<string> {
  const folder = needed(words, "lists");
  const nodes = needed(words, "to").split(",");
  const shards = named.length > 0 ? named : await shardsIn(folder);
  const lines: string[] = [];
  let refused = 0;
  for (const name of shards) {
    const shard = readShardText(name);
    if (shard === null) throw new TypeError(`${name} is no shard: two hexadecimal digits`);
    const text = await read(path.join(folder, name));
    const token = words.tokens === undefined ? null : await tokenIn(words.tokens, name);
    for (const node of nodes) {
      const { isTaken, told } = await handedOver(node, name, text, token);
      if (!isTaken) refused += 1;
      lines.push(`${node} ${name}: ${told}\n`);
    }
  }
  if (refused === 0) return lines.join("");
  throw new NotDone(`${lines.join("")}${refused} of ${lines.length} were not taken`);
}

/** The token of a shard, if the folder has one: a list that is held already needs none. */
async function tokenIn(folder: string, name: string): Promise<string | null> {
  if (!(await readdir(folder)).includes(name)) return null;
  return (await read(path.join(folder, name))).toString("utf8").trim();
}

/** What a list's token must be for. */
async function change(name: string, words: Words): Promise<string> {
  const file = path.join(needed(words, "lists"), name);
  const signed = readSignedList(await read(file));
  if (signed === null) throw new NotDone(`${file} is no signed list`);
  return `${changeText(describeChange(signed.list.deployment, revocationChange(signed)))}\n`;
}

async function handedOver(
  node: string,
  name: string,
  text: Buffer,
  token: string | null,
): Promise<{ readonly isTaken: boolean; readonly told: string }> {
  try {
    const body = new Uint8Array(text);
    const headers = token === null ? undefined : { "change-token": token };
    const init = { method: "POST", body, ...(headers && { headers }) };
    const response = await fetch(addressOf(node, `/revocation/${name}`), init);
    const answer = (await response.json()) as Readonly<Record<string, unknown>>;
    const { outcome, version, error, message } = answer;
    if (response.ok)
      return { isTaken: true, told: `${String(outcome)} version ${String(version)}` };
    return { isTaken: false, told: `${String(error)}: ${String(message)}` };
  } catch (fault) {
    if (fault instanceof TypeError && fault.message.startsWith("--")) throw fault;
    return { isTaken: false, told: "it does not answer" };
  }
}

async function preview(ids: readonly string[], words: Words): Promise<string> {
  const { ids: all } = await gathered({ ids, krls: words.krl ?? [], signers: words.signers });
  const response = await asked(needed(words, "url"), "/graphql", {
    method: "POST",
    body: JSON.stringify({ query: PREVIEW, variables: { input: { revoked: [...all] } } }),
    headers: { "content-type": "application/json", accept: "application/json" },
  });
  const { data, errors } = (await response.json()) as {
    readonly data?: { readonly revocationPreview: { readonly code?: string; message?: string } };
    readonly errors?: readonly { readonly message: string }[];
  };
  const answer = data?.revocationPreview;
  const refusal = errors?.[0]?.message ?? (answer?.code === undefined ? null : answer.message);
  if (refusal !== null && refusal !== undefined) throw new NotDone(refusal);
  return `${JSON.stringify(answer, null, 2)}\n`;
}

async function status(words: Words): Promise<string> {
  const lines: string[] = [];
  for (const node of needed(words, "to").split(",")) {
    const response = await asked(node, "/revocation", {});
    lines.push(`${node} ${JSON.stringify(await response.json())}\n`);
  }
  return lines.join("");
}

async function asked(url: string, place: string, init: RequestInit): Promise<Response> {
  const authorization = process.env["HOLDFAST_AUTHORIZATION"];
  if (authorization === undefined) {
    throw new TypeError("HOLDFAST_AUTHORIZATION must have the Authorization header to come with");
  }
  const headers = { ...(init.headers as Record<string, string> | undefined), authorization };
  const response = await fetch(addressOf(url, place), { ...init, headers }).catch(
    (cause: unknown) => {
      throw new NotDone(`${url} does not answer`, { cause });
    },
  );
  if (response.status === 401 || response.status === 403) {
    throw new NotDone(`${url} does not let you in: ${response.status}`);
  }
  return response;
}

async function deploymentOf(url: string): Promise<string> {
  const response = await fetch(addressOf(url, "/sign-in")).catch((cause: unknown) => {
    throw new NotDone(`${url} does not answer: say --deployment`, { cause });
  });
  const { deployment } = (await response.json()) as { readonly deployment?: unknown };
  if (typeof deployment === "string") return deployment;
  throw new NotDone(`${url} does not say its deployment: say --deployment`);
}

async function listIn(folder: string, shard: number): Promise<RevocationList | null> {
  const name = shardText(shard);
  if (!(await readdir(folder)).includes(name)) return null;
  const signed = readSignedList(await read(path.join(folder, name)));
  if (signed?.list.shard === shard) return signed.list;
  throw new NotDone(`${path.join(folder, name)} is no list of shard ${name}: fetch it from a node`);
}

async function shardsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new NotDone(`${folder} cannot be read`, { cause });
  });
  return names.filter((name) => readShardText(name) !== null).toSorted();
}

function addressOf(url: string, place: string): URL {
  if (!URL.canParse(place, url))
    throw new TypeError("--url and --to are addresses: http://host:port");
  return new URL(place, url);
}

function needed(words: Words, name: "lists" | "url" | "issuer" | "key" | "to"): string {
  const word = words[name];
  if (word === undefined) throw new TypeError(`--${name} is missing`);
  return word;
}
