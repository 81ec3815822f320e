/** The role that the application should run as does not exist; nothing was changed. */
export class RoleAbsent extends Error {
  override readonly name = "RoleAbsent";
  readonly role: string;

  constructor(role: string) {
    super(
      `the database has no role ${role}, which DATABASE_URL names: make it with ` +
        `CREATE ROLE "${role}" LOGIN PASSWORD '...', and start again`,
    );
    this.role = role;
  }
}

/** The role that the application was given is not fit for it; nothing was served. */
export class RoleUnfit extends Error {
  override readonly name = "RoleUnfit";
  readonly role: string;
  readonly faults: readonly string[];

  constructor(role: string, faults: readonly string[], remedy: string) {
    const told = faults.slice(0, FAULTS_TOLD_MAX);
    const rest = faults.length - told.length;
    const more = rest === 0 ? "" : `; and ${rest} more`;
    super(`the database role ${role} ${told.join("; ")}${more}: ${remedy}`);
    this.role = role;
    this.faults = faults;
  }
}

const FAULTS_TOLD_MAX = 6;

/** What to do about a role that may do more than append. */
export const APPEND_ONLY_ROLE =
  "let DATABASE_URL name a role of its " +
  "own (CREATE ROLE ... LOGIN PASSWORD '...', no member of others), and HOLDFAST_MIGRATION_URL " +
  "the owner of the tables, who grants it what it needs at each start";

/** What to do about a role that may not do what the product needs. */
export const OWNER_GRANTS =
  "let HOLDFAST_MIGRATION_URL name the owner of the tables in the same database, who grants " +
  "at each start what is needed";
