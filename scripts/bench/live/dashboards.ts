import { Worker } from "./worker.ts";

/** How a dashboard takes what comes: as it comes, never, or about one event a second. */
export type Pace = "PROMPT" | "STALLED" | "SLOW";

/** One dashboard: a socket that follows one packet. */
export interface Dashboard {
  /** Such as `ws://127.0.0.1:4000/graphql`. */
  readonly url: string;
  /** GRAPHQL speaks graphql-transport-ws; to PLAIN the packet is the path, and events come without asking. */
  readonly dialect: "GRAPHQL" | "PLAIN";
  /** Who looks; null where the server asks nobody. */
  readonly token: string | null;
  readonly packet: string;
  /** The subscription, for GRAPHQL. */
  readonly query: string;
  readonly pace: Pace;
}

/** What the prompt dashboards of one process saw of what was published since `begin`. */
export interface Seen {
  /** Every event that was missing, doubled or out of order, and every socket that closed; empty in a valid run. */
  readonly faults: readonly string[];
  readonly deliveries: number;
  /** Milliseconds from the first delivery of all to the last of all. */
  readonly spanMs: number;
  /** Milliseconds of CPU that the dashboards took meanwhile. */
  readonly cpuMs: number;
  /** Bytes of one event's message. */
  readonly eventBytes: number;
  /** The newest message of the first dashboard. */
  readonly message: string;
  /** Milliseconds from when an event was meant to be published to its delivery; null where that is unknown. */
  readonly lag: Lag | null;
}

/** Quantiles over all deliveries. */
export interface Lag {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** When the event of each number was meant to be published, by {@link machineMs}. */
export type Intended = readonly (readonly [number: number, atMs: number])[];

/** What a process of dashboards answers. */
export interface DashboardCalls {
  /** Opens dashboards beside those that are open, and resolves when each has asked for its events. */
  open(dashboards: readonly Dashboard[]): Promise<void>;
  /** From now on each prompt dashboard is to see so many events, numbered from where it stands. */
  begin(count: number): void;
  /** Resolves when each has seen all of them, or time is up. */
  finish(waiting: {
    readonly timeoutMs: number;
    readonly intended: Intended | null;
  }): Promise<Seen>;
  /** Closes those that are not prompt. */
  leave(nothing: null): void;
}

/** Starts a process for dashboards. */
export function startDashboards(): Promise<Worker<DashboardCalls>> {
  return Worker.start<DashboardCalls>("dashboardsProcess.ts");
}
