import packageJson from "../../package.json" with { type: "json" };

/** What `npm start` gives Node, so that what is measured runs as the product does. */
export const NODE_OPTIONS: readonly string[] = packageJson.scripts.start
  .split(" ")
  .filter((word) => word.startsWith("--"));
