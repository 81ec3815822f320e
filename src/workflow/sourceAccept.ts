import { decideSource } from "#gate/decide/source.ts";
import type { SourceAnswer } from "#ledger/ledger.ts";
import type { Actor } from "#packet/actor.ts";
import { InvalidInput, Refusal } from "#packet/refusal.ts";
import { SourceAccept } from "#packet/wish.ts";
import { mappingOf } from "#recovery/mapping.ts";
import { ask, within } from "./ask.ts";
import type { Desk } from "./desk.ts";
import { provenSource } from "./releaseSignatures.ts";

/** Accepts a new version of one source; the train's open packet gets its revision with it (rules 2.1 and 3.3). */
export async function sourceAccept(
  desk: Desk,
  actor: Actor,
  input: unknown,
): Promise<SourceAnswer | Refusal> {
  const asked = ask("sourceAccept", SourceAccept, actor, input);
  if (asked instanceof Refusal) return asked;
  const { wish, asker } = asked;
  const { exercise, train } = wish;
  const source = await provenSource(desk, wish.source);
  if (source instanceof InvalidInput) return source;
  return desk.ledger.acceptSource({
    exercise,
    train,
    asker,
    decide: ({ sources }, { epoch, doubt, clock }) => {
      const mapping = mappingOf(clock, desk.rate);
      const content = decideSource(sources, source, mapping, { actor, epoch, doubt });
      // What times map to is judged apart from the source that they stand in.
      if (content instanceof InvalidInput) return within(["source"], content);
      return content instanceof Refusal ? content : { content, proposedBy: null };
    },
  });
}
