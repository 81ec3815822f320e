import { setTimeout as pause } from "node:timers/promises";
import { SIGN_IN_EPOCHS_MAX } from "#proof/signInStatement.ts";
import type { Api } from "./api.ts";
import type { Cast } from "./cast.ts";
import type { WithoutSignOn } from "./incident.ts";
import { type OwnKey, signInHeader } from "./ownKey.ts";
import { RESPONDERS } from "./deploymentQuestions.ts";
import type { Reader } from "./reader.ts";
import { NotAsExpected } from "./run.ts";
import type { SingleSignOn } from "./singleSignOn.ts";

const ASK_EVERY_MS = 200;

/** The server forgets the provider's last good keys after a second; a busy machine may take longer to ask. */
const FORGOTTEN_WITHIN_MS = 20_000;

/** What an outage is played with. */
export interface Outage {
  readonly api: Api;
  readonly reader: Reader;
  readonly cast: Cast;
  readonly signOn: SingleSignOn;
  readonly ownersKey: OwnKey;
  readonly signal: AbortSignal;
}

/** An outage of single sign-on as people live through it. */
export function withoutSignOn(outage: Outage): WithoutSignOn {
  const { api, reader, cast, signOn, ownersKey, signal } = outage;
  let cameBy: Parameters<WithoutSignOn["comeBySignOn"]>[0] | null = null;
  return {
    comeBySignOn(actor) {
      cameBy = actor;
      api.signIn(actor, signOn.headerOf(actor.actor, Date.now()));
      return api.knows(actor);
    },
    async goDown() {
      await signOn.goDown();
      const late = AbortSignal.timeout(FORGOTTEN_WITHIN_MS);
      if (cameBy === null) throw new Error("nobody has come by single sign-on");
      while (await api.knows(cameBy)) {
        if (late.aborted)
          throw new NotAsExpected("single sign-on is down and still lets people in");
        await pause(ASK_EVERY_MS, undefined, { signal });
      }
    },
    async ownerSignsIn() {
      const { deployment, epoch } = await reader.deployment();
      const validThroughEpoch = epoch + SIGN_IN_EPOCHS_MAX;
      const principal = cast.owner.actor;
      const statement = { deployment, principal, epoch, validThroughEpoch };
      api.signIn(cast.owner, signInHeader(ownersKey, statement));
      if (!(await api.knows(cast.owner))) throw new NotAsExpected("the owner is not let in");
    },
    async lastExercise({ actor }) {
      const { responders } = await api.ask(cast.proposer, RESPONDERS);
      return responders.find(({ person }) => person === actor)?.lastExercise?.epoch ?? null;
    },
  };
}
