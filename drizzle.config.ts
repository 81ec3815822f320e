import { defineConfig } from "drizzle-kit";

// Run through `npm run db:generate`: without the `development` condition the schema's
// subpath imports resolve to an older build in dist/.
export default defineConfig({
  dialect: "postgresql",
  schema: ["./src/ledger/rows.ts", "./src/ledger/logRows.ts"],
  out: "./drizzle",
});
