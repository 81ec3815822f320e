import { connect } from "#database/connect.ts";
import type { ApiOptions } from "#graphql/api.ts";
import { openApi } from "#graphql/api.ts";
import { type RunningServer, startServer } from "#server.ts";
import { freshDatabase } from "../database/freshDatabase.ts";
import { heardLog } from "../identity/heardLog.ts";
import type { Opened } from "../workflow/trains.ts";
import { configFor, principalsFile } from "./startTest.ts";
import { needsOf } from "./needs.ts";

/** A server of the product with what it works with. */
export interface Started {
  readonly server: RunningServer;
  readonly options: ApiOptions;
}

/** Servers on one database, whose rows somebody sets back. */
export interface LineageStage {
  /** Whoever starts one closes it. */
  start(): Promise<Started>;
  /** As a superuser: ends a packet a revision earlier, and perhaps the log. */
  setBack(packet: Opened, isLogCut: boolean): Promise<void>;
}

/** Call once at the top of a test file. */
export function lineageStage(): LineageStage {
  const fresh = freshDatabase();
  const principals = principalsFile();
  return {
    async start() {
      const got: { options?: ApiOptions } = {};
      const server = await startServer(configFor(fresh.url, principals.path), {
        ...needsOf(heardLog().log),
        openApi(options) {
          got.options = options;
          return openApi(options);
        },
      });
      if (got.options === undefined) throw new Error("the server has no API");
      return { server, options: got.options };
    },
    async setBack({ packet, revision }, isLogCut) {
      const keeper = connect(fresh.url, {
        applicationName: "a restored backup",
        connectionsMax: 1,
      });
      await keeper.sql.begin(async (tx) => {
        const tables = ["log_position", "revision", "packet_head"];
        for (const table of tables) await tx`ALTER TABLE ${tx(table)} DISABLE TRIGGER ALL`;
        if (isLogCut) {
          await tx`DELETE FROM log_position WHERE position = (SELECT max(position) FROM log_position)`;
        }
        await tx`DELETE FROM revision WHERE packet = ${packet} AND number = ${revision}`;
        await tx`
          UPDATE packet_head AS h SET number = r.number, digest = r.digest, status = r.status
          FROM revision AS r WHERE r.packet = h.packet AND h.packet = ${packet}
            AND r.number = ${revision - 1}`;
        for (const table of tables) await tx`ALTER TABLE ${tx(table)} ENABLE TRIGGER ALL`;
      });
      await keeper.close();
    },
  };
}

/** What `/ready` says of the server and of the lineage. */
export async function lineageOf(server: RunningServer): Promise<unknown> {
  const response = await fetch(`${server.url}/ready`);
  const { status, checks } = (await response.json()) as {
    readonly status: string;
    readonly checks: { readonly lineage: string };
  };
  return [status, checks.lineage];
}
