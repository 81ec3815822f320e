import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Meters, Transport } from "#packet/meters.ts";
import { ProcessMetrics } from "./processMetrics.ts";
import type { TickOutcome } from "./ticker.ts";

/**
 * The upper bounds of the lag's buckets, in seconds: from what a socket takes by itself to
 * what a sweep repairs (two seconds), and what nobody should see.
 */
const LAG_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30];

/** More values of a label than any release has; whatever would be one more is told as {@link OTHER}. */
const LABEL_VALUES_MAX = 64;

const OTHER = "other";

const WORD = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

/**
 * The meters of one node, as the Prometheus text format has them: base units, `_total` on
 * counters. Labels are of fixed lists, so that a series is never made by whoever asks, and
 * never names a packet or a person (rule 7.2).
 */
export class Metrics implements Meters {
  readonly #registry = new Registry();
  readonly #process = new ProcessMetrics(this.#registry);
  readonly #words = new Words();
  #queueDepth: () => number = () => 0;

  readonly #followers = new Gauge({
    name: "holdfast_stream_followers",
    help: "Subscriptions that run on this node.",
    labelNames: ["field", "transport"],
    registers: [this.#registry],
  });
  readonly #deliveries = new Counter({
    name: "holdfast_stream_deliveries_total",
    help: "Events handed to sockets and streams.",
    labelNames: ["field"],
    registers: [this.#registry],
  });
  readonly #lag = new Histogram({
    name: "holdfast_stream_lag_seconds",
    help: "From a revision's commit to its being handed to the sockets of all who watch it alike, once for all of them.",
    buckets: LAG_BUCKETS,
    registers: [this.#registry],
  });
  readonly #broadcasts = new Gauge({
    name: "holdfast_stream_broadcasts",
    help: "What the subscriptions of this node share: one for each text with its variables and class of readers.",
    registers: [this.#registry],
  });
  readonly #behind = new Gauge({
    name: "holdfast_stream_behind",
    help: "Subscriptions that are behind the newest event and catch up from the ledger.",
    registers: [this.#registry],
  });
  readonly #closes = new Counter({
    name: "holdfast_stream_closes_total",
    help: "Sockets and streams that ended, by close code or by a word for why.",
    labelNames: ["transport", "reason"],
    registers: [this.#registry],
  });
  readonly #revisions = new Counter({
    name: "holdfast_feed_revisions_total",
    help: "Revisions that were new to this node, by what told of them: a wake-up, or a sweep that repaired a missed one.",
    labelNames: ["told_by"],
    registers: [this.#registry],
  });
  readonly #idleWakes = new Counter({
    name: "holdfast_feed_idle_wakes_total",
    help: "Wake-ups that told of nothing new: doubled, old or false ones.",
    registers: [this.#registry],
  });
  readonly #ticks = new Counter({
    name: "holdfast_epoch_ticks_total",
    help: "Ticks of this node: done where it took the epoch's step, idle where none was due or another node took it.",
    labelNames: ["outcome"],
    registers: [this.#registry],
  });

  constructor() {
    this.#registry.registerMetric(queueGauge(() => this.#queueDepth()));
    // A series that begins with its first miss would hide that miss from a rate.
    for (const told_by of ["wake", "sweep"]) this.#revisions.inc({ told_by }, 0);
  }

  following(field: string, transport: Transport, change: 1 | -1): void {
    this.#followers.inc({ field: this.#words.of("field", field), transport }, change);
  }

  delivered(field: string, count: number, lagMs: number | null): void {
    this.#deliveries.inc({ field: this.#words.of("field", field) }, count);
    // Two machines' clocks may differ by more than the lag.
    if (lagMs !== null) this.#lag.observe(Math.max(lagMs, 0) / 1_000);
  }

  closed(transport: Transport, reason: string): void {
    const told = isCloseCode(reason) ? reason : this.#words.of("reason", reason);
    this.#closes.inc({ transport, reason: told });
  }

  broadcasting(change: 1 | -1): void {
    this.#broadcasts.inc(change);
  }

  behind(change: 1 | -1): void {
    this.#behind.inc(change);
  }

  observeQueue(depth: () => number): void {
    this.#queueDepth = depth;
  }

  woken(revisions: number): void {
    this.#revisions.inc({ told_by: "wake" }, revisions);
  }

  repaired(revisions: number): void {
    this.#revisions.inc({ told_by: "sweep" }, revisions);
  }

  idle(wakes: number): void {
    this.#idleWakes.inc(wakes);
  }

  /** A tick of the epoch came to this. */
  ticked(outcome: TickOutcome): void {
    this.#ticks.inc({ outcome });
  }

  /** Everything as of now, in the text format 0.0.4. */
  async text(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.#registry.contentType, body: await this.#registry.metrics() };
  }

  /** Stops what runs by itself. */
  close(): void {
    this.#process.close();
  }
}

function queueGauge(depth: () => number): Gauge {
  return new Gauge({
    name: "holdfast_stream_queue_bytes",
    help: "Bytes handed to sockets that their readers have not taken yet.",
    registers: [],
    collect() {
      this.set(depth());
    },
  });
}

/** Of RFC 6455, of graphql-transport-ws or our own; a client may choose any other. */
function isCloseCode(reason: string): boolean {
  return /^10(?:0\d|1[0-5])$|^4[045]\d\d$/.test(reason);
}

/** Keeps labels few, whatever they are fed with. */
class Words {
  readonly #known = new Map<string, Set<string>>();

  of(label: string, value: string): string {
    const known = this.#known.get(label) ?? new Set();
    this.#known.set(label, known);
    if (known.has(value)) return value;
    if (!WORD.test(value) || known.size >= LABEL_VALUES_MAX) return OTHER;
    known.add(value);
    return value;
  }
}
