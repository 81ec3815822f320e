import { afterEach, describe, expect, test } from "vitest";
import { Metrics } from "#door/metrics.ts";
import { type Family, readExposition } from "./exposition.ts";

const opened: Metrics[] = [];
afterEach(() => {
  for (const metrics of opened.splice(0)) metrics.close();
});

function open(): Metrics {
  const metrics = new Metrics();
  opened.push(metrics);
  return metrics;
}

async function read(metrics: Metrics): Promise<ReadonlyMap<string, Family>> {
  return readExposition((await metrics.text()).body);
}

/** What one metric has, as `label=value, ... -> value`. */
async function told(metrics: Metrics, name: string): Promise<string[]> {
  const { samples = [] } = (await read(metrics)).get(name) ?? {};
  return samples.map(({ labels, value }) => {
    const words = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
    return `${words.join(", ")} -> ${value}`;
  });
}

describe("the metrics of a node tell", () => {
  test("who follows, by field and transport, and that they left", async () => {
    const metrics = open();
    metrics.following("gate", "websocket", 1);
    metrics.following("gate", "websocket", 1);
    metrics.following("revisions", "sse", 1);
    metrics.following("gate", "websocket", -1);
    expect(await told(metrics, "holdfast_stream_followers")).toEqual([
      "field=gate, transport=websocket -> 1",
      "field=revisions, transport=sse -> 1",
    ]);
  });

  test("what was delivered, and how long after its commit", async () => {
    const metrics = open();
    metrics.delivered("gate", 1_000, 3);
    metrics.delivered("gate", 1, null);
    metrics.delivered("gate", 500, 700);
    // Of a commit that another machine's clock puts into the future.
    metrics.delivered("revisions", 2, -4);
    expect(await told(metrics, "holdfast_stream_deliveries_total")).toEqual([
      "field=gate -> 1501",
      "field=revisions -> 2",
    ]);
    const lag = await told(metrics, "holdfast_stream_lag_seconds");
    expect(lag).toContain("le=0.002 -> 1");
    expect(lag).toContain("le=0.005 -> 2");
    expect(lag).toContain("le=0.5 -> 2");
    expect(lag).toContain("le=1 -> 3");
    expect(lag.slice(-2)).toEqual([" -> 0.703", " -> 3"]);
  });

  test("how many broadcasts they share", async () => {
    const metrics = open();
    metrics.broadcasting(1);
    metrics.broadcasting(1);
    metrics.broadcasting(-1);
    expect(await told(metrics, "holdfast_stream_broadcasts")).toEqual([" -> 1"]);
  });

  test("how many are behind, and what waits for readers at that very moment", async () => {
    const metrics = open();
    let waiting = 512;
    metrics.observeQueue(() => waiting);
    metrics.behind(1);
    metrics.behind(1);
    metrics.behind(-1);
    expect(await told(metrics, "holdfast_stream_behind")).toEqual([" -> 1"]);
    expect(await told(metrics, "holdfast_stream_queue_bytes")).toEqual([" -> 512"]);
    waiting = 0;
    expect(await told(metrics, "holdfast_stream_queue_bytes")).toEqual([" -> 0"]);
  });

  test("why streams ended", async () => {
    const metrics = open();
    for (const reason of ["4403", "4403", "1001", "4013"]) metrics.closed("websocket", reason);
    metrics.closed("sse", "forbidden");
    expect(await told(metrics, "holdfast_stream_closes_total")).toEqual([
      "transport=websocket, reason=4403 -> 2",
      "transport=websocket, reason=1001 -> 1",
      "transport=websocket, reason=4013 -> 1",
      "transport=sse, reason=forbidden -> 1",
    ]);
  });

  test("which wake-ups came, were missed and repaired, or told of nothing", async () => {
    const metrics = open();
    expect(await told(metrics, "holdfast_feed_revisions_total")).toEqual([
      "told_by=wake -> 0",
      "told_by=sweep -> 0",
    ]);
    metrics.woken(3);
    metrics.repaired(2);
    metrics.idle(7);
    expect(await told(metrics, "holdfast_feed_revisions_total")).toEqual([
      "told_by=wake -> 3",
      "told_by=sweep -> 2",
    ]);
    expect(await told(metrics, "holdfast_feed_idle_wakes_total")).toEqual([" -> 7"]);
  });

  test("what came of its ticks", async () => {
    const metrics = open();
    for (const outcome of ["idle", "done", "idle", "failed"] as const) metrics.ticked(outcome);
    expect(await told(metrics, "holdfast_epoch_ticks_total")).toEqual([
      "outcome=idle -> 2",
      "outcome=done -> 1",
      "outcome=failed -> 1",
    ]);
  });

  test("what the process takes", async () => {
    const families = await read(open());
    const value = (name: string): number => families.get(name)?.samples[0]?.value ?? Number.NaN;
    expect(value("process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(value("process_resident_memory_bytes")).toBeGreaterThan(
      value("nodejs_heap_size_used_bytes"),
    );
    expect(value("nodejs_eventloop_lag_max_seconds")).toBeGreaterThanOrEqual(
      value("nodejs_eventloop_lag_p99_seconds"),
    );
  });
});

test("nobody can make series: labels stay few and plain, whatever comes", async () => {
  const metrics = open();
  for (let code = 1_000; code < 5_000; code += 1) metrics.closed("websocket", String(code));
  for (let number = 0; number < 1_000; number += 1) {
    metrics.closed("sse", `reason${number}`);
    metrics.delivered(`field${number}`, 1, null);
  }
  metrics.delivered('ruth"}\n', 1, null);
  const families = await read(metrics);
  const fields = families.get("holdfast_stream_deliveries_total")?.samples ?? [];
  expect(fields).toHaveLength(65);
  expect(fields.find(({ labels }) => labels["field"] === "other")?.value).toBe(937);
  expect(families.get("holdfast_stream_closes_total")?.samples.length).toBeLessThan(400);
});

test("two nodes in one process share nothing", async () => {
  const [one, other] = [open(), open()];
  one.behind(1);
  expect(await told(other, "holdfast_stream_behind")).toEqual([" -> 0"]);
});

describe("the reader of these tests takes nothing that is merely like the format", () => {
  const SOUND = "# HELP a_total x\n# TYPE a_total counter\na_total 1\n";
  test.each([
    ["no end of the last line", SOUND.slice(0, -1)],
    ["a value without TYPE", "# HELP a_total x\na_total 1\n"],
    ["a value of nobody", "a_total 1\n"],
    ["a counter without _total", SOUND.replaceAll("a_total", "a")],
    ["a counter below nothing", SOUND.replace("l 1", "l -1")],
    ["a series twice", `${SOUND}a_total 1\n`],
    ["a metric taken up again", `${SOUND}${SOUND.replaceAll("a_", "b_")}a_total{x="1"} 1\n`],
    ["an open label", SOUND.replace("l 1", 'l{x="1} 1')],
    ["a name that is none", SOUND.replaceAll("a_total", "1_total")],
    ["a histogram that does not add up", SOUND.replaceAll("counter", "histogram")],
  ])("such as %s", (_what, text) => {
    expect(readExposition(SOUND).size).toBe(1);
    expect(() => readExposition(text)).toThrow(Error);
  });
});
