import { readFile, readdir } from "node:fs/promises";
import path from "node:path";

/** How often one file of the product uses time in one way. */
export interface ClockUse {
  /** From the top of the project, with slashes. */
  readonly file: string;
  /** What it uses, such as `wall clock` or `setTimeout`. */
  readonly use: string;
  readonly count: number;
}

/**
 * What reads a clock, waits for one, converts a time, or has somebody else's code do so. What only
 * yields the event loop's turn (setImmediate, nextTick) knows no time.
 */
const USES: readonly (readonly [use: string, pattern: RegExp])[] = [
  // The clock of the day, and the process's own, which never goes back.
  ["wall clock", /\bDate\.now\b|\bnew Date\(\s*\)|(?<!\.)\bDate\(\)/g],
  ["own clock", /\bperformance\.(?:now|timeOrigin|mark|measure)\b|\bprocess\.(?:hrtime|uptime)\b/g],
  ["Temporal", /\bTemporal\.\w+/g],
  // The same, handed in from a front door, and now() of SQL.
  [
    "now()",
    /(?<!\bDate\.)(?<!\bperformance\.)(?<!function )(?<!get )\b(?:now|wallNow|nowSeconds)\(\)/g,
  ],
  // Waiting.
  ["setTimeout", /(?<![.\w])setTimeout\(/g],
  ["setInterval", /(?<![.\w])setInterval\(/g],
  ["socket.setTimeout", /\.setTimeout\(/g],
  ["timed wait", /(?<![.\w#])(?:delay|pause|sleep)\(/g],
  ["setTimer", /\bsetTimer\(|\bsetLoopTimer\b/g],
  ["AbortSignal.timeout", /\bAbortSignal\.timeout\b/g],
  // Limits that a library or Postgres waits by.
  [
    "time-out option",
    /\b(?:\w+_timeout|max_lifetime|keep_alive|\w*(?:[a-z]T|\bt)imeout|retryStrategy|keepAlive|pingInterval|maxTtl)\b(?!: NodeJS)['"]?\s*:|'\w+_timeout'/g,
  ],
  ["duration", /\bduration:/g],
  // Times as values.
  ["new Date(value)", /\bnew Date\((?!\s*\))/g],
  ["Date.parse", /\bDate\.(?:parse|UTC)\b/g],
  ["file time", /\b[mca]time(?:Ms|Ns)\b/g],
  // The clock of the database.
  [
    "SQL clock",
    /\b(?:clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\(\)|\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b|\bLOCALTIME(?:STAMP)?\b|\bdefaultNow\(\)/gi,
  ],
  ["SQL interval", /\binterval\s+'|\bmake_interval\(|\bpg_sleep\w*\(|\bage\(\w+_at/gi],
  // What a library does with a clock of its own accord.
  ["TLS", /(?<![.\w])fetch\(|\bnew Redis\(|(?<![./^\w])postgres\((?!\?)/g],
  ["jwtVerify", /\b(?:jwtVerify|SignJWT|jwtDecrypt)\b\(/g],
  ["token time", /\bcurrentDate:|\bclockTolerance:|\bmaxTokenAge:|\b(?:exp|nbf|iat)\b\s*[,}*]/g],
  ["RateLimiter", /\bnew RateLimiter\w+\(/g],
  ["uuid v7", /\bv7\(\)|\bnewId: \(\) => newId\(\)/g],
  ["log time", /\bisoTime\b|\bepochTime\b/g],
  ["measurement", /\bcollectDefaultMetrics\b|\.startTimer\b|\bmonitorEventLoopDelay\(/g],
];

/** A file with a function of its own by that name means that one. */
const OWN_FETCH = /\bconst fetch\b|\bfetch:|^\s+(?:async )?fetch\(|[{,]\s*fetch\s*[,}]/m;

/** What is found is listed here. */
const INVENTORY = "src/recovery/clockPlaces.ts";

/** Scripts that are part of the product; the others develop it, measure it or play with it. */
const NOT_THE_PRODUCT = ["bench.ts", "clocks.ts", "rehearse.ts", "schema.ts"];

/** Every use of time in the code that the product runs, by file and use. `top` is the project's folder. */
export async function scanClocks(top: string): Promise<ClockUse[]> {
  const uses: ClockUse[] = [];
  for (const file of await productFiles(top)) {
    uses.push(...usesIn(file, await readFile(path.join(top, file), "utf8")));
  }
  return uses;
}

/** The uses in one file's text. */
export function usesIn(file: string, text: string): ClockUse[] {
  const said = file.endsWith(".sql") ? withoutSqlComments(text) : withoutComments(text);
  const code = OWN_FETCH.test(said) ? said.replaceAll(/\bfetch\(/g, "") : said;
  return USES.flatMap(([use, pattern]) => {
    const count = [...code.matchAll(pattern)].length;
    return count === 0 ? [] : [{ file, use, count }];
  });
}

/**
 * Without lines of comment. What follows code on its line stays, so that a doubtful text is found
 * rather than missed.
 */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

function withoutSqlComments(text: string): string {
  return text.replaceAll(/^\s*--.*$/gm, "");
}

async function productFiles(top: string): Promise<string[]> {
  const scripts = (await readdir(path.join(top, "scripts")))
    .filter((name) => name.endsWith(".ts") && !NOT_THE_PRODUCT.includes(name))
    .map((name) => `scripts/${name}`);
  const sources = await filesUnder(top, "src", ".ts");
  const migrations = await filesUnder(top, "drizzle", ".sql");
  return [...migrations, ...scripts, ...sources].filter((file) => file !== INVENTORY).toSorted();
}

async function filesUnder(top: string, folder: string, ending: string): Promise<string[]> {
  const entries = await readdir(path.join(top, folder), { recursive: true });
  return entries
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name.split(path.sep).join("/")}`);
}
