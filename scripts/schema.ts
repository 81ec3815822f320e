import { writeFile } from "node:fs/promises";
import { printedSchema } from "#graphql/schema.ts";

// Writes the schema as it is reviewed: after a change of it that is meant.
await writeFile(new URL("../src/graphql/schema.graphql", import.meta.url), printedSchema());
