import { drizzle } from "drizzle-orm/postgres-js";
import { migrate as applyPending } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import type { Sql } from "./connect.ts";
import { grantAppendOnly } from "./grants.ts";
import { ADVISORY_LOCK } from "./locks.ts";
import { listMigrationFiles, MIGRATIONS_FOLDER, type MigrationFile } from "./migrationFiles.ts";
import { requireServerVersion } from "./serverVersion.ts";

/** Where the migrations lie and who is told of their progress. */
export interface MigrateOptions {
  applicationName: string;
  /** Default: the folder delivered with the product. */
  folder?: string;
  /** One line for each step. */
  log?: (line: string) => void;
  /** The role that the application runs as: it is granted what it needs, and nothing else. */
  applicationRole?: string;
  /** How long another process's migrations are waited for. Default 60,000. */
  lockTimeoutMs?: number;
}

/** A migration that the database has already had is no longer what the folder holds. */
export class MigrationChanged extends Error {
  override readonly name = "MigrationChanged";
  readonly migration: string;

  constructor(migration: string) {
    super(
      `migration ${migration} was applied to this database with other contents: ` +
        "restore the file, and put the change into a new migration",
    );
    this.migration = migration;
  }
}

/** A migration is older than the newest one applied, so drizzle would pass it over in silence. */
export class MigrationOutOfOrder extends Error {
  override readonly name = "MigrationOutOfOrder";
  readonly migration: string;

  constructor(migration: string) {
    super(
      `migration ${migration} is older than the newest one in this database: ` +
        "generate it again, so that it comes last",
    );
    this.migration = migration;
  }
}

/**
 * Brings the database to the folder's newest migration: all pending ones in one transaction,
 * on one connection, under an advisory lock, so that any number of processes may call it at
 * once and each returns when the schema is there. Resolves to the names it applied itself.
 * Throws `ServerTooOld`, {@link MigrationChanged} or {@link MigrationOutOfOrder} before any
 * change, and `RoleAbsent` after the migrations. Migrations of a newer build are left alone, and
 * so are its grants, so that old and new nodes can overlap.
 */
export async function migrate(url: string, options: MigrateOptions): Promise<string[]> {
  const sql = postgres(url, {
    max: 1,
    max_lifetime: null,
    types: { bigint: postgres.BigInt },
    onnotice: () => undefined,
    connection: {
      application_name: `${options.applicationName} migration`,
      lock_timeout: options.lockTimeoutMs ?? 60_000,
      // Whatever schema somebody has named after the owner.
      search_path: "public",
    },
  });
  try {
    await requireServerVersion(sql);
    await sql`SELECT pg_advisory_lock(${ADVISORY_LOCK.migration})`;
    return await migrateLocked(sql, options);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function migrateLocked(sql: Sql, options: MigrateOptions): Promise<string[]> {
  const folder = options.folder ?? MIGRATIONS_FOLDER;
  const files = await listMigrationFiles(folder);
  const applied = await appliedMigrations(sql);
  const pending = pendingOf(files, applied);
  const names = pending.map((file) => file.name);
  if (pending.length === 0) {
    options.log?.(`schema is current: ${files.length} migrations`);
  } else {
    options.log?.(`applying ${pending.length} of ${files.length} migrations: ${names.join(", ")}`);
    await applyPending(drizzle(sql), { migrationsFolder: folder });
    options.log?.(`applied ${names.at(-1)}`);
  }
  const { applicationRole } = options;
  if (applicationRole !== undefined && !isAhead(applied, files)) {
    await grantAppendOnly(sql, applicationRole);
  }
  return names;
}

/** Whether a newer build was here, which knows better what its tables need. */
function isAhead(applied: readonly Applied[], files: readonly MigrationFile[]): boolean {
  const newest = files.at(-1)?.generatedAt ?? 0n;
  return applied.some(({ generatedAt }) => generatedAt > newest);
}

type Applied = { sha256: string; generatedAt: bigint };

async function appliedMigrations(sql: Sql): Promise<Applied[]> {
  const [table] = await sql<{ there: boolean }[]>`
    SELECT to_regclass('drizzle.__drizzle_migrations') IS NOT NULL AS there`;
  if (table?.there !== true) return [];
  return sql<Applied[]>`
    SELECT hash AS sha256, created_at AS "generatedAt" FROM drizzle.__drizzle_migrations`;
}

function pendingOf(files: MigrationFile[], applied: Applied[]): MigrationFile[] {
  const byTime = new Map(applied.map((row) => [row.generatedAt, row.sha256]));
  const newest = applied.reduce((max, row) => (row.generatedAt > max ? row.generatedAt : max), 0n);
  return files.filter((file) => {
    const sha256 = byTime.get(file.generatedAt);
    if (sha256 !== undefined && sha256 !== file.sha256) throw new MigrationChanged(file.name);
    if (sha256 !== undefined) return false;
    if (file.generatedAt < newest) throw new MigrationOutOfOrder(file.name);
    return true;
  });
}
