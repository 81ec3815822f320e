import { rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { sharedRecord } from "#workflow/sharedRecord.ts";
import { epochAdvance } from "#workflow/epochAdvance.ts";
import { Refusal } from "#packet/refusal.ts";
import { type Passport, passport } from "../identity/passports.ts";
import { credentialOf, lineOf } from "../identity/offlineWorld.ts";
import { LIFETIME_S, Provider, type SigningKey, signingKey } from "../identity/provider.ts";
import { type MadeSigner, makeSigner } from "../proof/sshMaker.ts";
import { REX } from "../workflow/cast.ts";
import { newKey } from "../workflow/trains.ts";
import type { Wall } from "./wall.ts";

/** Somebody who loses their rights, and how. */
export interface Comer {
  readonly loses: string;
  readonly by: Passport;
  /** Resolves when it has happened, for both nodes to know. */
  readonly lose: (it: Wall, moved: () => Promise<void>) => Promise<void>;
}

/** How long the token lasts whose end comes while streams are open, in seconds. */
const SHORT_S = 45;

/** How often a node asks for keys: the provider's word that one is gone takes so long. */
const KEYS_MS = 1_000;

const RESPONDERS = ["ursula", "vera", "wanda", "xenia"] as const;

/** The files that say who comes by a provider, and who offline; both nodes read them. */
export class Comers {
  readonly #folder: string;
  readonly #provider: Provider;
  readonly #other: SigningKey;
  readonly #signers: ReadonlyMap<string, MadeSigner>;

  private constructor(folder: string, provider: Provider, other: SigningKey) {
    this.#folder = folder;
    this.#provider = provider;
    this.#other = other;
    provider.keys = [provider.key.publicJwk, other.publicJwk];
    this.#signers = new Map(RESPONDERS.map((name) => [name, makeSigner({ type: "ssh-ed25519" })]));
  }

  /** Opens a provider and writes the files. */
  static async open(folder: string): Promise<Comers> {
    const comers = new Comers(folder, await Provider.open(), await signingKey("other"));
    await comers.#write("oidc.json", comers.#provided());
    await comers.#write("revoked_keys", "");
    const lines = [...comers.#signers].map(([name, signer]) => lineOf(name, signer));
    await comers.#write("allowed_signers", lines.join(""));
    return comers;
  }

  close(): Promise<void> {
    return this.#provider.leave();
  }

  /** What a node finds in its environment. */
  get environment(): Readonly<Record<string, string>> {
    return {
      HOLDFAST_OIDC: path.join(this.#folder, "oidc.json"),
      HOLDFAST_SIGNERS: path.join(this.#folder, "allowed_signers"),
      HOLDFAST_REVOKED_KEYS: path.join(this.#folder, "revoked_keys"),
    };
  }

  /** Everybody who comes by the provider, in the order in which they lose. */
  async byProvider(): Promise<readonly Comer[]> {
    const token = async (name: string, change = {}): Promise<Passport> => ({
      token: await this.#provider.token(name, change),
      entry: { name },
    });
    return [
      {
        loses: "is barred in the file",
        by: await token("aaron"),
        lose: () => this.#write("oidc.json", this.#provided({ barred: [{ name: "aaron" }] })),
      },
      {
        loses: "has a lower role by the mappings",
        by: await token("berta", { claims: { groups: ["staff", "viewers"] } }),
        lose: () =>
          this.#write("oidc.json", this.#provided({ mappings: this.#mappings("OPERATOR") })),
      },
      {
        loses: "was signed for by a key that is gone",
        by: await token("cyril", { by: this.#other }),
        lose: async (_it, moved) => {
          this.#provider.keys = [this.#provider.key.publicJwk];
          const { asked } = this.#provider;
          while (this.#provider.asked < asked + 4) await moved();
        },
      },
      await this.withEnd("dagny", SHORT_S),
    ];
  }

  /** Somebody whose token lasts for so many seconds from now on. */
  async withEnd(name: string, lastsS: number): Promise<Comer> {
    const exp = Math.floor(Date.now() / 1_000) + lastsS;
    return {
      loses: "comes to the end of their token",
      by: { token: await this.#provider.token(name, { claims: { exp } }), entry: { name } },
      lose: async (_it, moved) => {
        while (Date.now() < exp * 1_000) await moved();
      },
    };
  }

  /** Everybody who has signed in offline, in the order in which they lose. */
  async offline(it: Wall): Promise<readonly Comer[]> {
    const { deployment } = it.desk.ledger;
    const { epoch } = await it.desk.ledger.moment();
    const signIn = (name: string, signer: MadeSigner, through: bigint): Passport => ({
      ...passport(name, ["READER"]),
      entry: { name, kind: "PERSON", roles: ["READER"], responder: true },
      authorization: `Holdfast-Sshsig ${credentialOf({ deployment, principal: name, epoch, through, signer })}`,
    });
    const by = RESPONDERS.map((name, index) => {
      const signer = this.#signers.get(name);
      if (signer === undefined) throw new Error(`${name} has no key`);
      return signIn(name, signer, index === RESPONDERS.length - 1 ? epoch : epoch + 50n);
    });
    const [ursula, vera, wanda, xenia] = by;
    if (ursula === undefined || vera === undefined || wanda === undefined || xenia === undefined) {
      throw new Error("somebody is missing");
    }
    return [
      {
        loses: "has their key revoked",
        by: ursula,
        lose: () => this.#write("revoked_keys", `${this.#signers.get("ursula")?.line ?? ""}\n`),
      },
      {
        loses: "is no responder any more",
        by: vera,
        lose: (wall) => wall.admit(ursula, passport("vera", ["READER"]), wanda, xenia),
      },
      {
        loses: "has their credential revoked in the ledger",
        by: wanda,
        lose: async ({ desk }) => {
          const entries = [{ kind: "CREDENTIAL_REVOCATION", person: "wanda" }];
          const wish = { idempotencyKey: newKey(), exercise: false, entries };
          const answer = await sharedRecord(desk, REX, wish);
          if (answer instanceof Refusal) throw new Error(answer.message);
        },
      },
      {
        loses: "comes to the last epoch of their statement",
        by: xenia,
        lose: async ({ desk }, moved) => {
          for (;;) {
            const wish = { idempotencyKey: newKey(), reason: "the end of a sign-in" };
            const answer = await epochAdvance(desk, REX, wish);
            if (!(answer instanceof Refusal)) return;
            if (answer.code !== "EPOCH_TOO_SOON") throw new Error(answer.message);
            await moved();
          }
        },
      },
    ];
  }

  #mappings(role: string): object[] {
    return [
      { claim: "groups", value: "staff", kind: "PERSON" },
      { claim: "groups", value: "readers", roles: ["READER"] },
      { claim: "groups", value: "viewers", roles: [role] },
    ];
  }

  #provided(change: object = {}): string {
    const keys = {
      url: this.#provider.keysUrl,
      refreshMs: KEYS_MS,
      pauseMs: KEYS_MS,
      keptMs: 60_000,
    };
    return JSON.stringify(
      this.#provider.file({
        keys,
        lifetimeMsMax: 2 * LIFETIME_S * 1_000,
        mappings: this.#mappings("READER"),
        ...change,
      }),
    );
  }

  /** In one step: whoever looks finds the old file or the new one. */
  async #write(name: string, text: string): Promise<void> {
    const file = path.join(this.#folder, name);
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  }
}
