import type { Actor } from "#packet/actor.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { Cast } from "./cast.ts";
import type { Stock } from "./manifest.ts";
import { LAPSED_TOO_EARLY, type Pace } from "./pace.ts";
import type { Plan } from "./plan.ts";
import type { Props } from "./props.ts";
import type { ReleaseSigner } from "./releaseSigner.ts";
import type { KeyHolders } from "./roster.ts";
import { NotAsExpected, type Run } from "./run.ts";

/** An outage of single sign-on, and how somebody comes in during it. */
export interface WithoutSignOn {
  /** Has somebody come by single sign-on; resolves to whether they are let in. */
  readonly comeBySignOn: (actor: Actor) => Promise<boolean>;
  /** Single sign-on goes down; resolves when nobody is let in by it. */
  readonly goDown: () => Promise<void>;
  /** The owner signs in with a key of their own. */
  readonly ownerSignsIn: () => Promise<void>;
  /** When somebody last did, by epoch; null for never. */
  readonly lastExercise: (actor: Actor) => Promise<Epoch | null>;
}

/** Everything a stage has to hand. */
export interface Incident {
  readonly run: Run;
  readonly pace: Pace;
  readonly plan: Plan;
  readonly cast: Cast;
  readonly props: Props;
  readonly stock: Stock;
  readonly keyHolders: KeyHolders;
  /** Who made the releases. */
  readonly releases: ReleaseSigner;
  readonly signal: AbortSignal;
  /** True where nobody else uses the server, so that its epoch is frozen in one of the stages. */
  readonly isAlone: boolean;
  /** When what was observed that later grows old, filled in as the stages are played. */
  readonly observed: Observed;
}

/** The epochs that later stages count from. */
interface Observed {
  /** When the preparer confirmed the first digest. */
  early: Epoch;
  /** When the two enclaves attested that will be selected. */
  enclaves: Epoch;
  /** When the digest reader last confirmed every artifact. */
  reading: Epoch;
}

/** One stage: what it is called, what happens in it, and the acts themselves. */
export interface Stage {
  readonly title: string;
  readonly tells: (incident: Incident) => string;
  readonly play: (incident: Incident) => Promise<void>;
}

/** Plays the stages in order. Throws `NotAsExpected` at the first that goes otherwise. */
export async function play(incident: Incident, stages: readonly Stage[]): Promise<void> {
  const { run, pace, signal } = incident;
  for (const stage of stages) {
    signal.throwIfAborted();
    const isQuiet = await pace.isQuiet();
    const tells = stage.tells(incident);
    await run.stage(stage.title, tells, await pace.epoch(), async () => {
      if (!isQuiet) throw new NotAsExpected(LAPSED_TOO_EARLY);
      await stage.play(incident);
    });
  }
}
