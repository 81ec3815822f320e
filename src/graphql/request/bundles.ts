import type { IncomingMessage, ServerResponse } from "node:http";
import { type Bundle, exportBundle } from "#bundle/exportBundle.ts";
import type { BundleNotary, BundleSources } from "#bundle/sources.ts";
import { LineageDoubted } from "#notary/notary.ts";
import { LineageInDoubt } from "#packet/lineage.ts";
import { InvalidInput, NotEntitled, Refusal, UnknownPacket } from "#packet/refusal.ts";
import type { BundleForm } from "#proof/bundle.ts";
import type { Desk } from "#workflow/desk.ts";
import { settled } from "#workflow/settled.ts";
import type { Context } from "../context.ts";
import { BUNDLES_OF_PRINCIPAL_MAX, BUNDLE_PIECE_BYTES } from "../limits.ts";
import { Places } from "../stream/places.ts";
import type { Refused } from "./body.ts";
import { maskError } from "./errors.ts";
import { pathOf, refuse, refuseWith } from "./refusing.ts";

/** What bundles are below: the id of a packet follows, then `?form=full` or `?form=shared`. */
export const BUNDLE_PATH = "/graphql/bundle/";

/** Who asks, and what the bundle is made from; a {@link Context} is one. */
interface BundleContext extends Pick<
  Context,
  "actor" | "requestId" | "log" | "access" | "address"
> {
  readonly desk: Pick<Desk, "ledger">;
  readonly notary: BundleNotary;
}

const FORMS: Readonly<Record<string, BundleForm>> = { full: "FULL", shared: "SHARED" };

const METHOD: Refused = {
  status: 405,
  code: "METHOD_NOT_ALLOWED",
  message: "ask for a bundle with GET",
  headers: { allow: "GET" },
};

const FORM: Refused = {
  status: 400,
  code: "BAD_REQUEST",
  message: "say which form of the bundle: ?form=full or ?form=shared",
};

const TOO_MANY: Refused = {
  status: 429,
  code: "TOO_MANY_BUNDLES",
  message: `you may be sent ${BUNDLES_OF_PRINCIPAL_MAX} bundles at once: let one end first`,
};

/** Sends bundles (ADR 0052), no faster than they are taken; a file that is cut has no END. */
export class Bundles {
  readonly #places = new Places(BUNDLES_OF_PRINCIPAL_MAX);
  readonly #stalledMs: number;

  /** `stalledMs` is how long a reader may take nothing, in milliseconds. */
  constructor({ stalledMs }: { readonly stalledMs: number }) {
    this.#stalledMs = stalledMs;
  }

  /** Answers one request for somebody who is known. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    context: BundleContext,
  ): Promise<void> {
    if (request.method !== "GET") return refuse(response, METHOD);
    const query = new URLSearchParams((request.url ?? "").split("?", 2)[1] ?? "");
    const asked = query.get("form") ?? "";
    const form = Object.hasOwn(FORMS, asked) ? FORMS[asked] : undefined;
    if (form === undefined) return refuse(response, FORM);
    const leave = this.#places.take(context.actor.actor);
    if (leave === null) return refuse(response, TOO_MANY);
    try {
      const packet = pathOf(request).slice(BUNDLE_PATH.length);
      await this.#send(response, await bundleFor(context, packet, form), context);
    } finally {
      leave();
    }
  }

  async #send(
    response: ServerResponse,
    bundle: Bundle | Refusal | Error,
    { actor, address, access, requestId, log }: BundleContext,
  ): Promise<void> {
    if (bundle instanceof Refusal) {
      access.note({
        code: "REFUSED",
        actor: actor.actor,
        address,
        subject: `bundle ${bundle.code}`,
      });
      return refuse(response, refusedBy(bundle));
    }
    if (bundle instanceof Error) {
      return refuseWith(response, 500, [maskError(bundle, requestId, log)]);
    }
    const { packet, revision, form } = bundle;
    try {
      await access.record({ code: "EXPORTED", actor: actor.actor, address, packet, subject: form });
    } catch (fault) {
      return refuseWith(response, 503, [maskError(fault, requestId, log)]);
    }
    const name = `${packet}-${revision}-${form.toLowerCase()}.jsonl`;
    response.writeHead(200, {
      "content-type": "application/jsonl; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    });
    // Whoever leaves in the middle is no fault of ours.
    response.on("error", () => undefined);
    try {
      await this.#carry(response, bundle.lines);
      response.end();
    } catch (err) {
      log.error({ err, requestId, packet }, "a bundle was cut off in the middle");
      response.destroy();
    }
  }

  async #carry(response: ServerResponse, lines: Bundle["lines"]): Promise<void> {
    let piece = "";
    for await (const line of lines) {
      // Whoever left is sent nothing more, and nothing more is made for them.
      if (response.destroyed) return;
      piece += line;
      if (piece.length < BUNDLE_PIECE_BYTES) continue;
      await this.#write(response, piece);
      piece = "";
    }
    await this.#write(response, piece);
  }

  /** Waits until the reader has taken enough; one who takes nothing is cut off. */
  #write(response: ServerResponse, piece: string): Promise<void> {
    return new Promise((resolve) => {
      if (response.destroyed || response.write(piece)) {
        resolve();
        return;
      }
      const stalled = setTimeout(() => response.destroy(), this.#stalledMs);
      const go = (): void => {
        clearTimeout(stalled);
        response.off("drain", go).off("close", go);
        resolve();
      };
      response.once("drain", go).once("close", go);
    });
  }
}

/** The bundle, why there is none, or the crash on the way to it. */
async function bundleFor(
  { actor, desk, notary }: BundleContext,
  packet: string,
  form: BundleForm,
): Promise<Bundle | Refusal | Error> {
  const { ledger } = desk;
  const sources: BundleSources = { ledger, notary, seen: (id) => settled(ledger, id) };
  try {
    return await exportBundle(sources, actor, { packet, form });
  } catch (fault) {
    if (fault instanceof LineageDoubted) return new LineageInDoubt(fault.doubt);
    return fault instanceof Error ? fault : new Error(String(fault));
  }
}

function refusedBy(refusal: Refusal): Refused {
  const { code, message } = refusal;
  if (refusal instanceof NotEntitled) return { status: 403, code, message };
  if (refusal instanceof UnknownPacket) return { status: 404, code, message };
  if (refusal instanceof InvalidInput) return { status: 400, code, message };
  return { status: 503, code, message };
}
