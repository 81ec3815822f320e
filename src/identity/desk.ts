import type { Actor } from "#packet/actor.ts";
import { bearerOf } from "./bearer.ts";
import type { Revocations } from "#packet/revocation.ts";
import type { LedgerWord } from "./offlineGround.ts";
import type { Oidc } from "./oidc.ts";
import type { Principals } from "./principals.ts";

/** Whoever signs in offline: with a signed statement in place of a token. */
export interface Offline {
  /** Takes what follows the scheme: the statement and its signature, each in base64url, a dot between them. */
  authenticate(statementAndSignature: string): Promise<Actor | null>;
  /** Resolves to a number that grows whenever a statement which counted may not count any more. */
  look(word: LedgerWord): Promise<number>;
}

/** Every way to show who one is; null for one that is not open here. */
export interface IdentityOptions {
  readonly principals: Pick<Principals, "authenticate" | "listing" | "look">;
  readonly oidc: Pick<Oidc, "authenticate" | "look"> | null;
  readonly offline: Offline | null;
  /** The lists of this node's own copy; null where there are none. */
  readonly revocations: Pick<Revocations, "generation" | "revokesPrincipal"> | null;
}

const OFFLINE_SCHEME = /^holdfast-sshsig $/i;
const OFFLINE_SCHEME_LENGTH = "Holdfast-Sshsig ".length;

/**
 * Who asks, by whichever way they come: a token of our own (`Bearer`), an access token of the
 * identity provider (`Bearer`), or a statement signed with a key of their own
 * (`Holdfast-Sshsig`). What none of them knows is nobody.
 */
export class IdentityDesk {
  readonly #options: IdentityOptions;
  /** What each way said last: each only grows, so that a sum of them stands for one state of all. */
  readonly #newest: number[] = [];

  constructor(options: IdentityOptions) {
    this.#options = options;
  }

  /** Takes an `Authorization` header; null for whoever is not known. */
  async authenticate(authorization: string | undefined): Promise<Actor | null> {
    const actor = await this.#known(authorization);
    // Whichever way they come: it is they who are revoked.
    if (actor === null) return null;
    return this.#options.revocations?.revokesPrincipal(actor.actor) === true ? null : actor;
  }

  async #known(authorization: string | undefined): Promise<Actor | null> {
    const { principals, oidc, offline } = this.#options;
    if (authorization === undefined) return null;
    if (OFFLINE_SCHEME.test(authorization.slice(0, OFFLINE_SCHEME_LENGTH))) {
      return offline?.authenticate(authorization.slice(OFFLINE_SCHEME_LENGTH)) ?? null;
    }
    const known = await principals.authenticate(authorization);
    const token = bearerOf(authorization);
    if (known !== null || token === null || oidc === null) return known;
    const actor = await oidc.authenticate(token);
    return actor !== null && (await this.#mayBear(actor)) ? actor : null;
  }

  /**
   * Looks at everything now: whoever lost their rights before this call is not let in after it.
   * Resolves to a number that grows whenever anybody's rights may be other than before. Of
   * those who came offline the ledger knows as well, which may be late: only a NEW word of it is
   * waited for until it comes.
   */
  async look(word: LedgerWord = "LAST"): Promise<number> {
    const { principals, oidc, offline, revocations } = this.#options;
    const said = await Promise.all([
      principals.look(),
      oidc?.look() ?? 0,
      offline?.look(word) ?? 0,
    ]);
    // What was said first may be old by now: another look has perhaps been told more.
    for (const [way, generation] of said.entries()) {
      this.#newest[way] = Math.max(this.#newest[way] ?? 0, generation);
    }
    return this.#newest.reduce((sum, one) => sum + one, revocations?.generation ?? 0);
  }

  /**
   * The provider names people as it likes: it cannot make somebody another one of the principals
   * file, a service there, or one that differs in case alone. While the file is at fault that
   * cannot be known.
   */
  async #mayBear({ actor, kind }: Actor): Promise<boolean> {
    const listing = await this.#options.principals.listing();
    if (listing === null) return false;
    const listed = listing.named(actor);
    if (listed === null) return true;
    return listed.name === actor && listed.kind === "PERSON" && kind === "PERSON";
  }
}
