import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { TOKEN_BYTES } from "#identity/bearer.ts";
import {
  addPrincipal,
  addTokenless,
  type NewPrincipal,
  PrincipalsUnchanged,
  removePrincipal,
} from "#identity/changePrincipals.ts";
import {
  type Principal,
  PrincipalsUnusable,
  PrincipalWords,
  readPrincipals,
  refuseOfKind,
} from "#identity/principalsFile.ts";
import { ActorKind, Role } from "#packet/actor.ts";
import { EntryKind } from "#packet/entry.ts";
import { runCommand } from "./commandLine.ts";

const HELP = `Says who may ask. A running server takes a change up within a second.

  npm run principal -- add NAME --kind KIND --roles ROLE,ROLE   prints the bearer token, once
  npm run principal -- remove NAME
  npm run principal -- list

  --file PATH  the principals file; else HOLDFAST_PRINCIPALS, or principals.json in HOLDFAST_DATA
               or .holdfast
  --kind       ${ActorKind.options.join(" or ")}; a system never decides
  --roles      of ${Role.options.join(", ")}
  --reports    KIND or KIND:SUBJECT,SUBJECT, once for each kind of entry that a SYSTEM may report;
               left out, it may report all that its roles allow. KIND is of
               ${EntryKind.options.slice(0, 6).join(", ")},
               ${EntryKind.options.slice(6).join(", ")}
  --responder  this PERSON may sign in offline, with a key of the allowed signers
  --tokenless  no bearer token: they come by the identity provider, or with a key of their own
  --help       this text

Exit code: 0 if it was done, 1 if the file did not allow it, 2 for a wrong command line.
`;

const Asked = PrincipalWords.superRefine(refuseOfKind);

process.exitCode = await runCommand(
  "principal",
  async (args) => {
    const words = commandOf(args);
    return words === null ? HELP : done(words);
  },
  [PrincipalsUnusable, PrincipalsUnchanged],
);

type Command =
  | { readonly verb: "list"; readonly file: string }
  | { readonly verb: "remove"; readonly file: string; readonly name: string }
  | {
      readonly verb: "add";
      readonly file: string;
      readonly principal: NewPrincipal;
      readonly isTokenless: boolean;
    };

/** Null where help is asked for. Throws a `TypeError` that says what is wrong with the arguments. */
function commandOf(args: readonly string[]): Command | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h", default: false },
      file: { type: "string" },
      kind: { type: "string" },
      roles: { type: "string" },
      reports: { type: "string", multiple: true },
      responder: { type: "boolean" },
      tokenless: { type: "boolean" },
    },
  });
  if (values.help) return null;
  const [verb, name, ...rest] = positionals;
  const file = values.file ?? fileOf(process.env);
  const { kind, roles, reports, responder, tokenless } = values;
  const ofAdd = Object.entries({ kind, roles, reports, responder, tokenless })
    .filter(([_name, value]) => value !== undefined)
    .map(([option]) => `--${option}`);
  if (rest.length > 0) throw new TypeError("too many words: roles have commas between them");
  if (ofAdd.length > 0 && verb !== "add") {
    throw new TypeError(`${ofAdd.join(" and ")} can only be said of one who is added: add NAME`);
  }
  if (verb === "list" && name === undefined) return { verb, file };
  if (verb === "remove" && name !== undefined) return { verb, file, name };
  if (verb !== "add") throw new TypeError("say add NAME, remove NAME or list");
  const scopes = reports?.map(scopeOf);
  const asked = { name, kind, roles: roles?.split(","), reports: scopes, responder };
  const principal = Asked.safeParse(asked);
  const isTokenless = tokenless === true;
  if (principal.success) return { verb, file, principal: principal.data, isTokenless };
  const faults = principal.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new TypeError(faults.join("\n"));
}

/** A kind of entry, and after a colon the subjects with commas between them. */
function scopeOf(text: string): object {
  const colon = text.indexOf(":");
  if (colon === -1) return { kind: text };
  return { kind: text.slice(0, colon), subjects: text.slice(colon + 1).split(",") };
}

/** The file that a server in this environment would read. */
function fileOf(environment: NodeJS.ProcessEnv): string {
  const data = environment["HOLDFAST_DATA"] ?? ".holdfast";
  return environment["HOLDFAST_PRINCIPALS"] ?? `${data}/principals.json`;
}

async function done(command: Command): Promise<string> {
  const { file } = command;
  if (command.verb === "remove") {
    await removePrincipal(file, command.name);
    return `${command.name} is out of ${file}\n`;
  }
  if (command.verb === "add") {
    const { principal } = command;
    if (command.isTokenless) {
      await addTokenless(file, principal);
      return `${principal.name} is in ${file}, without a token\n`;
    }
    const token = await addPrincipal(file, principal, randomBytes(TOKEN_BYTES));
    return `${principal.name} is in ${file}. The bearer token, shown this once:\n${token}\n`;
  }
  const { principals } = await readPrincipals(file);
  return principals.map(lineOf).join("");
}

/** One principal: name, kind, roles, and then what is not said of everybody. */
function lineOf({ name, kind, roles, reports, responder, tokenSha256 }: Principal): string {
  const scopes = reports?.map((scope) => [scope.kind, scope.subjects?.join(",") ?? []].flat());
  const words = [
    ...(scopes ?? []).map((scope) => `reports=${scope.join(":")}`),
    ...(responder === true ? ["responder"] : []),
    ...(tokenSha256 === undefined ? ["tokenless"] : []),
  ];
  return `${[name, kind, roles.join(","), ...words].join(" ")}\n`;
}
