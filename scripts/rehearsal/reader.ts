import type { z } from "zod";
import type { Actor } from "#packet/actor.ts";
import type { Epoch } from "#packet/epoch.ts";
import type { PacketId } from "#packet/name.ts";
import { type Api, ApiFault, type Refused } from "./api.ts";
import { DEPLOYMENT } from "./deploymentQuestions.ts";
import {
  ADVISORIES,
  CHANGE_PREVIEW,
  EARLIEST_LAPSE,
  ESCALATIONS,
  GATE,
  HOLDS,
  REVIEW,
  SHIFT_QUORUMS,
  STANDING,
} from "./questions.ts";

/** One hold of the register. */
export type RegisterHold = z.output<typeof HOLDS.shape>["packet"]["page"]["edges"][number]["node"];

type Advisory = z.output<typeof ADVISORIES.shape>["packet"]["page"]["edges"][number]["node"];
type Standing = z.output<typeof STANDING.shape>["packet"];

/** What the gate answers. */
export type GateAnswer = z.output<typeof GATE.shape>["gate"];

/** The packet as it stands now, with its open holds and advisories in full. */
export interface Sight extends Standing {
  readonly open: readonly RegisterHold[];
  readonly advisories: readonly Advisory[];
}

/** How often a sight is taken anew when the packet or the epoch moves under it. */
const SIGHTS_MAX = 5;

/** Whoever looks at packets for the rehearsal, through queries. */
export class Reader {
  readonly #api: Api;
  readonly #actor: Actor;

  constructor(api: Api, actor: Actor) {
    this.#api = api;
    this.#actor = actor;
  }

  /** Where the deployment is, and how long its epochs last. */
  async deployment() {
    return (await this.#api.ask(this.#actor, DEPLOYMENT)).deployment;
  }

  async epoch(): Promise<Epoch> {
    return (await this.deployment()).epoch;
  }

  /** When the present epoch began, by the deployment's own mapping: milliseconds since 1970, read on no clock. */
  async time(): Promise<number> {
    const { epoch, timeMapping } = await this.deployment();
    const { anchorEpoch, anchorAt, epochMs } = timeMapping;
    return Date.parse(anchorAt) + Number(epoch - anchorEpoch) * epochMs;
  }

  async standing(packet: PacketId): Promise<Standing> {
    return (await this.#api.ask(this.#actor, STANDING, { packet })).packet;
  }

  /** Everything at one revision: what moves on between two pages is looked at again. */
  async look(packet: PacketId): Promise<Sight> {
    for (let sights = 0; sights < SIGHTS_MAX; sights += 1) {
      const before = await this.standing(packet);
      const sight = await this.#pagesOf(packet, before).catch((fault: unknown) => {
        // The cursors of advisories hold for one revision and epoch.
        if (fault instanceof ApiFault && fault.code === "CURSOR_FOREIGN") return null;
        throw fault;
      });
      if (sight !== null && (await this.standing(packet)).revision === before.revision)
        return sight;
    }
    throw new Error("the packet does not keep still to be looked at");
  }

  async #pagesOf(packet: PacketId, standing: Standing): Promise<Sight> {
    const open = await this.#holds(packet, "OPEN");
    const advisories = await everyPage(async (after) => {
      const { page } = (await this.#api.ask(this.#actor, ADVISORIES, { packet, after })).packet;
      return page;
    });
    return { ...standing, open, advisories };
  }

  /** Every hold that the register has, in its newest opening. */
  register(packet: PacketId): Promise<RegisterHold[]> {
    return this.#holds(packet, null);
  }

  /** In the order of their opening. */
  async #holds(packet: PacketId, status: "OPEN" | null): Promise<RegisterHold[]> {
    const holds = await everyPage(async (after) => {
      const variables = { packet, status, after };
      return (await this.#api.ask(this.#actor, HOLDS, variables)).packet.page;
    });
    return holds.toSorted((left, right) => left.ordinal - right.ordinal);
  }

  async earliestLapse(packet: PacketId) {
    return (await this.#api.ask(this.#actor, EARLIEST_LAPSE, { packet })).packet;
  }

  async shiftQuorums(packet: PacketId) {
    return (await this.#api.ask(this.#actor, SHIFT_QUORUMS, { packet })).packet.shiftQuorums;
  }

  async escalations(packet: PacketId) {
    const { escalations } = (await this.#api.ask(this.#actor, ESCALATIONS, { packet })).packet;
    return escalations.edges.map(({ node }) => node);
  }

  /** As the owner sees it. */
  async review(packet: PacketId, owner: Actor) {
    return (await this.#api.ask(owner, REVIEW, { packet })).packet.review;
  }

  async gate(packet: PacketId): Promise<GateAnswer> {
    return (await this.#api.ask(this.#actor, GATE, { packet })).gate;
  }

  changePreview(wish: object): Promise<z.output<typeof CHANGE_PREVIEW.shape> | Refused> {
    return this.#api.wish(this.#actor, CHANGE_PREVIEW, wish);
  }
}

interface Page<T> {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** A whole list, page by page. */
async function everyPage<T>(ask: (after: string | null) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let after: string | null = null; ;) {
    const { edges, pageInfo }: Page<T> = await ask(after);
    all.push(...edges.map(({ node }) => node));
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}
