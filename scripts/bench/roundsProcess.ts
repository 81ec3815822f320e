import { APPEND } from "./append.ts";
import { VERIFY } from "./audit.ts";
import { AUTHORIZATION } from "./authorization.ts";
import type { Figure } from "./measure.ts";
import { THROUGHPUT } from "./throughput.ts";

// Runs the figure that its argument names and prints its rounds as JSON.
const figures: readonly Figure[] = [...APPEND, ...AUTHORIZATION, ...VERIFY, ...THROUGHPUT];
const [name] = process.argv.slice(2);
const figure = figures.find((one) => one.name === name);
if (figure === undefined) throw new Error(`no figure ${name}`);
process.stdout.write(JSON.stringify(await figure.run()));
