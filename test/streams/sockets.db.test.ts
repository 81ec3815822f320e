import { conform } from "./conformance.ts";
import { DELIVERY_CLAIMS } from "./deliveryClaims.ts";
import { streamWorld } from "./streamWorld.ts";
import { GRAPHQL_WS, URQL } from "./transports.ts";

// Rights are looked at with each event alone, so that this is what is shown.
const world = streamWorld({ rightsMs: 3_600_000 });
conform(world, GRAPHQL_WS);
// What ends a stream comes through graphql-ws's client here as well.
conform(world, URQL, DELIVERY_CLAIMS);
