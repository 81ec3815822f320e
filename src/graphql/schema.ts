import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { addAccessQueries } from "./accessRecords.ts";
import { addComponentQueries } from "./components.ts";
import { builder } from "./builder.ts";
import { guardClasses } from "./classGuard.ts";
import { recordReads } from "./governedReads.ts";
import { addEmergencyQueries } from "./emergency.ts";
import { addLastKnownQueries } from "./lastKnown.ts";
import { addLogFields } from "./log.ts";
import { addMutations } from "./mutations.ts";
import { addComparisons } from "./preview.ts";
import { addPacketFields } from "./packet/packetFields.ts";
import { addPacketLists } from "./packet/packetLists.ts";
import { addRevisionSigning } from "./packet/revisionSigning.ts";
import { addQueries } from "./queries.ts";
import { addEntryFields } from "./content/entry.ts";
import { addRevocationQueries } from "./revocation.ts";
import { declareScalars } from "./scalars.ts";
import { addRollbackQueries } from "./rollback.ts";
import { addRecoveryDesign } from "./recoveryDesign.ts";
import { addSigningQueries } from "./signing.ts";
import { addSubscriptions } from "./stream/subscriptions.ts";

let built: GraphQLSchema | null = null;

/** The schema, with every class guarded; there is one in a process. */
export function buildSchema(): GraphQLSchema {
  if (built !== null) return built;
  declareScalars();
  addEntryFields();
  addPacketFields();
  addPacketLists();
  addRevisionSigning();
  addQueries();
  addAccessQueries();
  addComponentQueries();
  addRollbackQueries();
  addEmergencyQueries();
  addLastKnownQueries();
  addComparisons();
  addSigningQueries();
  addRevocationQueries();
  addLogFields();
  addRecoveryDesign();
  addMutations();
  addSubscriptions();
  built = recordReads(guardClasses(builder.toSchema({ sortSchema: false })));
  return built;
}

/** The schema as it is checked in: in SDL, sorted by name. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(buildSchema()))}\n`;
}
