import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { Counter, Gauge, type Registry } from "prom-client";

/** How often the event loop's lag is sampled, in milliseconds. */
const SAMPLED_MS = 20;

const NS_PER_S = 1e9;
const US_PER_S = 1e6;

/** What tells a slow process from a slow database: under the names that Node's clients of Prometheus share. */
export class ProcessMetrics {
  readonly #delay = monitorEventLoopDelay({ resolution: SAMPLED_MS });

  constructor(registry: Registry) {
    this.#delay.enable();
    for (const metric of metricsOf(this.#delay)) registry.registerMetric(metric);
  }

  /** Samples no more. */
  close(): void {
    this.#delay.disable();
  }
}

function metricsOf(delay: IntervalHistogram): readonly (Gauge | Counter)[] {
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    });
  const lagP99 = gauge(
    "nodejs_eventloop_lag_p99_seconds",
    "How late 99 in 100 timers were at most, since the last look.",
    () => lagOf(delay.percentile(99)),
  );
  const lagMax = gauge(
    "nodejs_eventloop_lag_max_seconds",
    "How late the latest timer was, since the last look.",
    () => {
      const { max } = delay;
      // The last of the two to be asked.
      delay.reset();
      return lagOf(max);
    },
  );
  const heap = gauge(
    "nodejs_heap_size_used_bytes",
    "JavaScript values in memory.",
    () => process.memoryUsage().heapUsed,
  );
  const resident = gauge(
    "process_resident_memory_bytes",
    "Memory that the process has of the machine.",
    () => process.memoryUsage.rss(),
  );
  return [lagP99, lagMax, heap, resident, cpuSeconds()];
}

function cpuSeconds(): Counter {
  return new Counter({
    name: "process_cpu_seconds_total",
    help: "Processor time that the process took.",
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / US_PER_S);
    },
  });
}

/** A sample has the whole time from one timer to the next, of which the pause itself is no lag. */
function lagOf(sampleNs: number): number {
  return Math.max(sampleNs / NS_PER_S - SAMPLED_MS / 1_000, 0);
}
