import { z } from "zod";
import type { Actor } from "#packet/actor.ts";
import { Id, type Name, type PacketId } from "#packet/name.ts";
import type { ApprovalLane, Bindings, SourceProposal } from "#packet/source.ts";
import { type Api, type Refused, type Verb, isRefused } from "./api.ts";
import {
  type PacketEntry,
  type SharedEntry,
  bindingsInput,
  laneInput,
  packetReportInput,
  sharedReportInput,
  sourceInput,
} from "./inputs.ts";
import type { Plan } from "./plan.ts";

/** A rehearsal is an exercise: nothing of it may ever reach a real packet (rule 2.3). */
const EXERCISE = true;

/** What was accepted, and which revisions of this train's packet it made. */
export interface Made {
  readonly revisions: readonly number[];
}

const Numbered = z.object({ number: z.int() });
const Appended = z.object({ packet: z.object({ packet: Id }), revision: Numbered });
const Perhaps = z.object({ appended: Appended.nullable() });
const Proposed = z.object({ proposal: Id, digest: z.string() });
const Shared = z.object({ appended: z.array(Appended) });

const ON_PACKET = "packet { packet } revision { number }";
const APPENDED = `appended { ${ON_PACKET} }`;

function mutation<S extends z.ZodType>(field: string, selection: string, shape: S): Verb<S> {
  const type = `${field.slice(0, 1).toUpperCase()}${field.slice(1)}`;
  const [input, payload] = [`${type}Input`, `${type}Payload`];
  return { operation: "mutation", field, input, payload, selection, shape };
}

const VERBS = {
  lanePropose: mutation("lanePropose", "proposal digest", Proposed),
  laneConfirm: mutation("laneConfirm", APPENDED, Perhaps),
  sourceAccept: mutation("sourceAccept", APPENDED, Perhaps),
  packetOpen: mutation("packetOpen", ON_PACKET, Appended),
  sharedRecord: mutation("sharedRecord", APPENDED, Shared),
  epochFreeze: mutation("epochFreeze", APPENDED, Shared),
  epochThaw: mutation("epochThaw", APPENDED, Shared),
};

/** The mutations as this train's people use them: with their keys, and report numbers for systems. */
export class TrainDesk {
  readonly #api: Api;
  readonly #plan: Plan;
  readonly #numbers = new Map<Name, bigint>();
  #keys = 0;
  #packet: PacketId | null = null;

  constructor(api: Api, plan: Plan) {
    this.#api = api;
    this.#plan = plan;
  }

  /** The packet, once it is open. */
  get packet(): PacketId {
    if (this.#packet === null) throw new Error("the packet is not open yet");
    return this.#packet;
  }

  lanePropose(actor: Actor, lane: z.input<typeof ApprovalLane>) {
    const wish = { ...this.#onTrain(), lane: laneInput(lane) };
    return this.#api.wish(actor, VERBS.lanePropose, wish);
  }

  async laneConfirm(actor: Actor, proposal: string, digest: string): Promise<Made | Refused> {
    const wish = { ...this.#onTrain(), proposal, digest };
    return perhaps(await this.#api.wish(actor, VERBS.laneConfirm, wish));
  }

  async sourceAccept(
    actor: Actor,
    source: z.input<typeof SourceProposal>,
  ): Promise<Made | Refused> {
    const wish = { ...this.#onTrain(), source: sourceInput(source) };
    return perhaps(await this.#api.wish(actor, VERBS.sourceAccept, wish));
  }

  async packetOpen(
    actor: Actor,
    bindings: Bindings,
    entries: readonly PacketEntry[],
  ): Promise<Made | Refused> {
    const opened = await this.#api.wish(actor, VERBS.packetOpen, {
      ...this.#onTrain(),
      bindings: bindingsInput(bindings),
      entries: entries.map(packetReportInput),
    });
    if (isRefused(opened)) return opened;
    this.#packet = opened.packet.packet;
    return { revisions: [opened.revision.number] };
  }

  packetBind(actor: Actor, bindings: Bindings): Promise<Made | Refused> {
    return this.#change(actor, "packetBind", { bindings: bindingsInput(bindings) });
  }

  record(actor: Actor, entries: readonly PacketEntry[]): Promise<Made | Refused> {
    const wish = { entries: entries.map(packetReportInput), ...this.#numbered(actor) };
    return this.#change(actor, "readinessRecord", wish);
  }

  async recordShared(actor: Actor, entries: readonly SharedEntry[]): Promise<Made | Refused> {
    const recorded = await this.#api.wish(actor, VERBS.sharedRecord, {
      ...this.#keyed(),
      exercise: EXERCISE,
      entries: entries.map(sharedReportInput),
      ...this.#numbered(actor),
    });
    return this.#own(recorded);
  }

  /** Freezes the epoch of the whole deployment. */
  async epochFreeze(actor: Actor, reason: string): Promise<Made | Refused> {
    return this.#own(await this.#api.wish(actor, VERBS.epochFreeze, { ...this.#keyed(), reason }));
  }

  /** Thaws it. */
  async epochThaw(actor: Actor, reason: string): Promise<Made | Refused> {
    return this.#own(await this.#api.wish(actor, VERBS.epochThaw, { ...this.#keyed(), reason }));
  }

  /** Of what a change did to many packets, the revisions of this one. */
  #own(changed: z.output<typeof Shared> | Refused): Made | Refused {
    if (isRefused(changed)) return changed;
    const own = changed.appended.filter(({ packet }) => packet.packet === this.#packet);
    return { revisions: own.map(({ revision }) => revision.number) };
  }

  acknowledge(actor: Actor, note: string): Promise<Made | Refused> {
    return this.#change(actor, "escalationAcknowledge", { note });
  }

  approve(actor: Actor, revision: number, digest: string): Promise<Made | Refused> {
    return this.#change(actor, "packetApprove", { revision, digest });
  }

  reject(actor: Actor, reason: string): Promise<Made | Refused> {
    return this.#change(actor, "packetReject", { reason });
  }

  resubmit(actor: Actor, answer: string): Promise<Made | Refused> {
    return this.#change(actor, "packetResubmit", { answer });
  }

  async #change(actor: Actor, field: string, wish: object): Promise<Made | Refused> {
    const verb = mutation(field, ON_PACKET, Appended);
    const input = { ...this.#keyed(), packet: this.packet, ...wish };
    const changed = await this.#api.wish(actor, verb, input);
    return isRefused(changed) ? changed : { revisions: [changed.revision.number] };
  }

  #keyed(): { idempotencyKey: string } {
    this.#keys += 1;
    return { idempotencyKey: `${this.#plan.keyPrefix}-${this.#keys}` };
  }

  #onTrain() {
    return { ...this.#keyed(), train: this.#plan.train, exercise: EXERCISE };
  }

  /** Rule 4.3.2: a system numbers its reports. */
  #numbered({ actor, kind }: Actor): { reportNumber?: string } {
    if (kind === "PERSON") return {};
    const number = (this.#numbers.get(actor) ?? this.#plan.reportsBefore) + 1n;
    this.#numbers.set(actor, number);
    return { reportNumber: number.toString() };
  }
}

/** What was accepted before there is a packet makes no revision. */
function perhaps(answer: z.output<typeof Perhaps> | Refused): Made | Refused {
  if (isRefused(answer)) return answer;
  return { revisions: answer.appended === null ? [] : [answer.appended.revision.number] };
}
