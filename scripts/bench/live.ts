import { liveFanout, liveFanoutClasses, liveFanoutPackets } from "./live/fanoutFigures.ts";
import { liveLag, liveLag500 } from "./live/lagFigures.ts";
import { liveStalled } from "./live/stalledFigure.ts";
import type { LiveFigure } from "./live/figure.ts";

/** Every benchmark of live delivery. */
export const LIVE: readonly LiveFigure[] = [
  liveLag,
  liveLag500,
  liveFanout,
  liveFanoutPackets,
  liveFanoutClasses,
  liveStalled,
];
