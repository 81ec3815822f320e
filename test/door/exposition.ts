/** One value of a metric. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with everything that was said of it. */
export interface Family {
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

type Draft = { help?: string; type?: Family["type"]; samples: Sample[] };

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(?:,|$)/gy;
const HELP = new RegExp(`^# HELP (${NAME}) ([^\\n]+)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{([^\\n]*)\\})? (NaN|[+-]Inf|[-+]?[0-9][0-9.eE+-]*)$`);

/**
 * Reads the Prometheus text format 0.0.4, and nothing that is merely like it: every metric has
 * one HELP and one TYPE before its values, its lines come together, no series comes twice, and
 * a histogram adds up. Throws an Error that names the line.
 */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const drafts = new Map<string, Draft>();
  const seen = new Set<string>();
  let open = "";
  for (const line of text.split("\n").slice(0, -1)) {
    if (line === "") continue;
    const [, helped, help] = HELP.exec(line) ?? [];
    const [, typed, type] = TYPE.exec(line) ?? [];
    const sample = helped === undefined && typed === undefined ? sampleOf(line) : null;
    const name = helped ?? typed ?? familyOf(sample?.name ?? "", drafts);
    if (name !== open && drafts.has(name)) throw new Error(`${name} is taken up again: ${line}`);
    open = name;
    const draft = drafts.get(name) ?? { samples: [] };
    drafts.set(name, draft);
    if (sample === null) {
      const isDouble = help !== undefined ? draft.help !== undefined : draft.type !== undefined;
      if (isDouble || draft.samples.length > 0) throw new Error(`is said too late: ${line}`);
      if (help === undefined) draft.type = type as Family["type"];
      else draft.help = help;
    } else {
      const series = line.slice(0, line.lastIndexOf(" "));
      if (seen.has(series)) throw new Error(`comes twice: ${line}`);
      seen.add(series);
      draft.samples.push(sample);
    }
  }
  return new Map([...drafts].map(([name, draft]) => [name, checked(name, draft)]));
}

function sampleOf(line: string): Sample {
  const [, name, inside = "", value] = SAMPLE.exec(line) ?? [];
  if (name === undefined || value === undefined) throw new Error(`is no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  for (let end = 0; end < inside.length; end = LABEL.lastIndex) {
    const [, label, text] = LABEL.exec(inside) ?? [];
    if (label === undefined || text === undefined) throw new Error(`has a bad label: ${line}`);
    if (Object.hasOwn(labels, label)) throw new Error(`has a label twice: ${line}`);
    labels[label] = text.replaceAll(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
  }
  return { name, labels, value: value.endsWith("Inf") ? Infinity : Number(value) };
}

function familyOf(name: string, drafts: ReadonlyMap<string, Draft>): string {
  const base = name.replace(/_(bucket|sum|count)$/, "");
  return drafts.get(base)?.type === "histogram" ? base : name;
}

function checked(name: string, { help, type, samples }: Draft): Family {
  if (help === undefined || type === undefined) throw new Error(`${name} has no HELP or no TYPE`);
  if (type === "counter" && !name.endsWith("_total")) throw new Error(`${name} is no _total`);
  if (type !== "gauge" && samples.some(({ value }) => !(value >= 0))) {
    throw new Error(`${name} went below nothing`);
  }
  if (type === "histogram") checkHistogram(name, samples);
  return { help, type, samples };
}

function checkHistogram(name: string, samples: readonly Sample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) =>
    labels["le"] === "+Inf" ? Infinity : Number(labels["le"]),
  );
  const counts = buckets.map(({ value }) => value);
  const rises = (values: readonly number[]): boolean =>
    values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0));
  const total = samples.find((sample) => sample.name === `${name}_count`)?.value;
  const isWhole = samples.some((sample) => sample.name === `${name}_sum`);
  const isSound = rises(bounds) && rises(counts) && bounds.at(-1) === Infinity;
  if (!isSound || !isWhole || counts.at(-1) !== total) throw new Error(`${name} does not add up`);
}
