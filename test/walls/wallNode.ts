import { asApplication } from "../database/freshDatabase.ts";
import type { Chance } from "../faults/chance.ts";
import { type HttpNode, startHttpNode } from "../faults/httpNode.ts";
import { firstOf } from "./seen.ts";
import { Statements } from "./statements.ts";
import { TcpProxy } from "./tcpProxy.ts";

/** One server, and every way that leads from it and to it. */
export interface WallNode {
  readonly node: HttpNode;
  /** Whether its process has ended. */
  readonly isGone: () => boolean;
  /** By which dashboards come; its address is that of the API. */
  readonly door: TcpProxy;
  readonly api: string;
  readonly postgres: TcpProxy;
  readonly redis: TcpProxy;
  /** What the server asks of the database. */
  readonly statements: Statements;
}

/** What a node is started beside. */
export interface Surroundings {
  /** The owner's address of the database. */
  readonly url: string;
  readonly principals: string;
  readonly data: string;
  readonly redis: string;
  /** More of its environment. */
  readonly more: Readonly<Record<string, string>>;
}

/** Starts one; resolves when it serves. */
export async function startNode(around: Surroundings, dice: Chance): Promise<WallNode> {
  const statements = new Statements();
  const postgres = await TcpProxy.open(around.url, dice, statements.tap);
  const redis = await TcpProxy.open(around.redis, dice);
  const node = await startHttpNode(around.url, around.principals, {
    appUrl: postgres.by(asApplication(around.url)),
    data: around.data,
    more: { ...around.more, REDIS_URL: redis.by(around.redis) },
  });
  const door = await TcpProxy.open(node.url, dice);
  let isGone = false;
  const watching = node.gone.then(() => (isGone = true));
  watching.catch(() => undefined);
  return {
    node,
    isGone: () => isGone,
    door,
    api: `${door.by(node.url)}graphql`,
    postgres,
    redis,
    statements,
  };
}

/** Ends it if it runs, and closes its ways. */
export async function closeNode({ node, isGone, door, postgres, redis }: WallNode): Promise<void> {
  // Whoever is still there is cut off, so that a node has nobody to take leave of.
  await door.close();
  for (const way of [postgres, redis]) way.heal();
  if (!isGone()) await node.leave();
  await Promise.all([postgres.close(), redis.close()]);
}

/** What a node has logged as an error; a read that is made again is none. */
export function errorsOf({ node }: WallNode): readonly string[] {
  return firstOf(
    node
      .faults()
      .split("\n")
      .filter((line) => line !== "" && !line.includes('"level":"warn"')),
  );
}
