// Opens the master's SQLite file and brings its tables up to date, one step a transaction.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { SQL } from "bun";
import { TasklogError } from "../../base/errors.ts";
import { keepPrivate } from "../../base/private-file.ts";
import type { MasterStore } from "./master-store.ts";
import { schemaMigrations } from "./migrations.ts";
import { SqlStore } from "./sql-store.ts";

/**
 * `<dataDir>/master.db`, created if need be. `onDamage` is told of each row that cannot be understood and is left out.
 * @throws TasklogError "incompatible" when a newer tasklog wrote it, "not_permitted" when it cannot be read or written.
 */
export async function openSqliteStore(
  dataDir: string,
  onDamage: (message: string) => void = () => undefined,
): Promise<MasterStore> {
  const filename = join(dataDir, "master.db");
  requirePrivate(filename);
  const sql = new SQL({ adapter: "sqlite", filename, create: true });
  try {
    await sql.unsafe("PRAGMA journal_mode = WAL");
    await sql.unsafe("PRAGMA synchronous = NORMAL");
    await sql.unsafe("PRAGMA foreign_keys = ON");
    await sql.unsafe("PRAGMA busy_timeout = 5000");
    await migrate(sql, filename);
    return new SqlStore(sql, await masterIdOf(sql), onDamage);
  } catch (error) {
    await sql.close().catch(() => undefined);
    if (error instanceof TasklogError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TasklogError(
      "not_permitted",
      `the master cannot use its database ${filename} (${reason}); make the folder writable, or choose another with --data-dir`,
      { cause: error },
    );
  }
}

function requirePrivate(filename: string): void {
  try {
    keepPrivate(filename);
  } catch (error) {
    const { message } = TasklogError.from(error);
    throw new TasklogError(
      "not_permitted",
      `the master cannot use its database ${filename} (${message}); make the folder writable, or choose another with --data-dir`,
      { cause: error },
    );
  }
}

async function migrate(sql: SQL, filename: string): Promise<void> {
  await sql.unsafe("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)");
  const done = Number((await metaOf(sql, "schema")) ?? 0);
  if (done > schemaMigrations.length) {
    throw new TasklogError(
      "incompatible",
      `${filename} was written by a newer tasklog (its schema is ${done}, this one knows ${schemaMigrations.length}); update tasklog, or choose another folder with --data-dir`,
    );
  }
  for (const [index, statements] of schemaMigrations.entries()) {
    if (index < done) continue;
    await sql.begin(async (tx) => {
      for (const statement of statements) await tx.unsafe(statement);
      await setMeta(tx, "schema", String(index + 1));
    });
  }
}

async function masterIdOf(sql: SQL): Promise<string> {
  const known = await metaOf(sql, "master_id");
  if (known !== undefined) return known;
  const id = `master-${randomUUID()}`;
  await setMeta(sql, "master_id", id);
  return id;
}

async function metaOf(sql: SQL, key: string): Promise<string | undefined> {
  const rows = (await sql.unsafe("SELECT value FROM meta WHERE key = $1", [key])) as Array<{ value: string }>;
  return rows[0]?.value;
}

async function setMeta(sql: SQL, key: string, value: string): Promise<void> {
  await sql.unsafe(
    "INSERT INTO meta (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    [key, value],
  );
}
