import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: ["./src/accessLog/rows.ts", "./src/ledger/rows.ts", "./src/ledger/logRows.ts"],
  out: "./drizzle",
});
