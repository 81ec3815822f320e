import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import type { z } from "zod";
import { TOKEN_BYTES } from "#identity/bearer.ts";
import { addPrincipal, PrincipalsUnchanged, removePrincipal } from "#identity/changePrincipals.ts";
import { Principal, PrincipalsUnusable, readPrincipals } from "#identity/principalsFile.ts";
import { ActorKind, Role } from "#packet/actor.ts";

const HELP = `Says who may ask. A running server takes a change up within a second.

  npm run principal -- add NAME --kind KIND --roles ROLE,ROLE   prints the bearer token, once
  npm run principal -- remove NAME
  npm run principal -- list

  --file PATH  the principals file; else HOLDFAST_PRINCIPALS, or principals.json in HOLDFAST_DATA
               or .holdfast
  --kind       ${ActorKind.options.join(" or ")}; a system never decides
  --roles      of ${Role.options.join(", ")}
  --help       this text

Exit code: 0 if it was done, 1 if the file did not allow it, 2 for a wrong command line.
`;

const NewPrincipal = Principal.omit({ tokenSha256: true });

process.exitCode = await run(process.argv.slice(2));

/** Does what the command line says, and resolves to the exit code. */
async function run(args: readonly string[]): Promise<number> {
  try {
    const words = commandOf(args);
    process.stdout.write(words === null ? HELP : await done(words));
    return 0;
  } catch (fault) {
    const isOfTheLine = fault instanceof TypeError;
    const isOfTheFile = fault instanceof PrincipalsUnusable || fault instanceof PrincipalsUnchanged;
    if (!isOfTheLine && !isOfTheFile) throw fault;
    process.stderr.write(`${fault.message}\n`);
    if (isOfTheLine) process.stderr.write("npm run principal -- --help says what there is.\n");
    return isOfTheLine ? 2 : 1;
  }
}

type Command =
  | { readonly verb: "list"; readonly file: string }
  | { readonly verb: "remove"; readonly file: string; readonly name: string }
  | {
      readonly verb: "add";
      readonly file: string;
      readonly principal: z.output<typeof NewPrincipal>;
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
    },
  });
  if (values.help) return null;
  const [verb, name, ...rest] = positionals;
  const file = values.file ?? fileOf(process.env);
  const isOfAdd = values.kind !== undefined || values.roles !== undefined;
  if (rest.length > 0) throw new TypeError("too many words: roles have commas between them");
  if (isOfAdd && verb !== "add") throw new TypeError("--kind and --roles belong to add");
  if (verb === "list" && name === undefined) return { verb, file };
  if (verb === "remove" && name !== undefined) return { verb, file, name };
  if (verb !== "add") throw new TypeError("say add NAME, remove NAME or list");
  const asked = { name, kind: values.kind, roles: values.roles?.split(",") };
  const principal = NewPrincipal.safeParse(asked);
  if (principal.success) return { verb, file, principal: principal.data };
  const faults = principal.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new TypeError(faults.join("\n"));
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
    const token = await addPrincipal(file, command.principal, randomBytes(TOKEN_BYTES));
    return `${command.principal.name} is in ${file}. The bearer token, shown this once:\n${token}\n`;
  }
  const { principals } = await readPrincipals(file);
  return principals.map(({ name, kind, roles }) => `${name} ${kind} ${roles.join(",")}\n`).join("");
}
