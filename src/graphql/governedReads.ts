import {
  type DocumentNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  TypeInfo,
  defaultFieldResolver,
  isObjectType,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { AccessLog } from "#packet/accessEvent.ts";
import type { Id, Name } from "#packet/name.ts";
import { classOf } from "./classGuard.ts";
import type { Context } from "./context.ts";

/** Whose reads of GOVERNED and RESTRICTED values are recorded before they are answered. */
export interface Reads {
  /** What follows may be of this packet. */
  lookedAt(packet: Id): void;
  /**
   * Null where everything that was looked at is on record. Otherwise it resolves when it is, to
   * whether the value may be shown; rejects once with `AccessUnrecorded`. `field` names what is
   * read where no packet was looked at.
   */
  covered(field: string): Promise<boolean> | null;
}

/** For what is told to many at once: who is told is recorded where each begins to follow. */
export const TOLD_TO_MANY: Pick<Context, "reads" | "access"> = {
  reads: { lookedAt: () => undefined, covered: () => null },
  access: { record: () => Promise.resolve(), note: () => undefined },
};

/** The reads of one request: each packet is recorded once, however much of it is read. */
export class RecordedReads implements Reads {
  readonly #access: AccessLog;
  readonly #who: { readonly actor: Name; readonly address: string };
  readonly #pending = new Set<Id>();
  #state: "NOTHING" | "RECORDING" | "COVERED" | "FAILED" = "NOTHING";
  #recording: Promise<boolean> = Promise.resolve(true);

  constructor(access: AccessLog, who: { readonly actor: Name; readonly address: string }) {
    this.#access = access;
    this.#who = who;
  }

  lookedAt(packet: Id): void {
    this.#pending.add(packet);
  }

  covered(field: string): Promise<boolean> | null {
    if (this.#pending.size === 0 && this.#state === "COVERED") return null;
    if (this.#pending.size === 0 && this.#state !== "NOTHING") return this.#recording;
    this.#recording = this.#record(field, this.#recording);
    return this.#recording;
  }

  async #record(field: string, before: Promise<boolean>): Promise<boolean> {
    const packets = [...this.#pending];
    this.#pending.clear();
    if (this.#state !== "FAILED") this.#state = "RECORDING";
    const subjects =
      packets.length > 0 ? packets.map((packet) => ({ packet })) : [{ subject: field }];
    try {
      await Promise.all(
        subjects.map((subject) =>
          this.#access.record({ code: "GOVERNED_READ", ...this.#who, ...subject }),
        ),
      );
      if (!(await before)) return false;
      if (this.#pending.size === 0) this.#state = "COVERED";
      return true;
    } catch (fault) {
      const isTold = this.#state === "FAILED";
      this.#state = "FAILED";
      // Told once: nothing more of the request is shown, and a thousand errors would say no more.
      if (isTold) return false;
      throw fault;
    }
  }
}

/** Has every value above SHARED wait until its reading is on record; what nobody is shown is not recorded. */
export function recordReads(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__") || !isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const needed = classOf(type.name, field);
      if (needed === null || needed === "SHARED") continue;
      const at = `${type.name}.${field.name}`;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context: Context, info) => {
        if (!context.classes.has(needed)) return null;
        const covered = context.reads.covered(at);
        if (covered === null) return resolve(source, args, context, info);
        return covered.then((isCovered) =>
          isCovered ? resolve(source, args, context, info) : null,
        );
      };
    }
  }
  return schema;
}

const governed = new WeakMap<DocumentNode, boolean>();

/** Whether a document asks anywhere for a value above SHARED. */
export function asksForGoverned(schema: GraphQLSchema, document: DocumentNode): boolean {
  const known = governed.get(document);
  if (known !== undefined) return known;
  const types = new TypeInfo(schema);
  let asks = false;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: () => {
        const [parent, field] = [types.getParentType(), types.getFieldDef()];
        if (!parent || !field || field.name.startsWith("__")) return;
        const possible: readonly GraphQLObjectType[] = isObjectType(parent)
          ? [parent]
          : schema.getPossibleTypes(parent);
        asks ||= possible.some((type) => {
          const own = type.getFields()[field.name];
          return own !== undefined && (classOf(type.name, own) ?? "SHARED") !== "SHARED";
        });
      },
    }),
  );
  governed.set(document, asks);
  return asks;
}
