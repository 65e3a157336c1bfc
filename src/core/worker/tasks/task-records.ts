// The worker's knowledge of its tasks beside their lines: enough to find each container again after a restart and to
// tell a master how a task ended that nobody was there to hear. One row a task, in SQLite in the worker's data
// folder; written at each change of status, never per line. While the disk takes nothing, records hold in memory, so
// that a task on a full disk still ends, and are written as soon as there is room.

import { Database, SQLiteError } from "bun:sqlite";
import { join } from "node:path";
import type { HostMoment } from "../../base/clock.ts";
import { TasklogError } from "../../base/errors.ts";
import { recordRetryMs } from "../../base/limits.ts";
import { keepPrivate } from "../../base/private-file.ts";
import { startTimer, type Timer } from "../../base/wait.ts";
import { type Completion, isFinal, type TaskStatus } from "../../log/log-item.ts";
import type { TaskSpec } from "../../rpc/gen/tasklog/v1/task.ts";
import { isStatus } from "../../rpc/worker-words.ts";
import type { Adoption } from "../adopt/adoption.ts";

export interface TaskRecord {
  taskId: string;
  spec: TaskSpec;
  userId: string;
  runtime: string;
  status: TaskStatus;
  /** The runtime's name of the run; empty until it was started. */
  handle: string;
  /** Milliseconds of the Unix epoch; 0: not started. */
  startedMs: number;
  /** The same moment by a clock that nobody sets: a time-out counts from it, also after a restart of the worker. */
  startedAt?: HostMoment | undefined;
  /** Somebody asked for its end. */
  stopRequested: boolean;
  completion?: Completion | undefined;
  /** It is set for a run of an adopted container: see core/worker/adopt. */
  adopted?: Adoption | undefined;
  /** Its log is compressed. */
  sealed?: boolean;
}

/** The version of the tables below. A worker refuses a folder of a newer one. */
const schemaVersion = 1;
const recordsFile = "worker.db";

/** Says what is wrong with the row of a task, in one sentence; undefined if nothing is. */
function faultOf(taskId: string, json: string): string | undefined {
  const row = `the row of ${taskId} in the table tasks of ${recordsFile}`;
  let record: Partial<TaskRecord> | null;
  try {
    record = JSON.parse(json) as Partial<TaskRecord> | null;
  } catch {
    return `${row} is no JSON`;
  }
  if (record?.taskId !== taskId) return `${row} is of another task`;
  if (
    !isStatus(String(record.status)) ||
    typeof record.spec !== "object" ||
    typeof record.handle !== "string"
  ) {
    return `${row} is damaged`;
  }
  return isFinal(record.status as TaskStatus) && !record.completion ? `${row} has no completion` : undefined;
}

/** All rows of a worker's tasks that cannot be understood, read beside a worker that may be running, in a sentence each. */
export function damagedRecords(dataDir: string): string[] {
  try {
    using db = new Database(join(dataDir, recordsFile), { readonly: true });
    const query = db.query<{ task_id: string; record: string }, []>("SELECT task_id, record FROM tasks");
    return query.all().flatMap((row) => faultOf(row.task_id, row.record) ?? []);
  } catch (error) {
    if (error instanceof SQLiteError) return [];
    throw error;
  }
}

/**
 * Reads how a task ended, beside a worker that may be running; undefined while it is not known, or cannot be read.
 */
export function readCompletion(dataDir: string, taskId: string): Completion | undefined {
  try {
    using db = new Database(join(dataDir, recordsFile), { readonly: true });
    const query = db.query<{ record: string }, [string]>("SELECT record FROM tasks WHERE task_id = ?");
    const row = query.get(taskId);
    return row === null ? undefined : (JSON.parse(row.record) as TaskRecord).completion;
  } catch (error) {
    if (error instanceof SQLiteError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export class TaskRecords {
  readonly workerId: string;
  readonly #db: Database;
  /** Records that the disk has not taken, as JSON, and who waits for that. */
  readonly #unsaved = new Map<
    string,
    { json: string; status: TaskStatus; saved: PromiseWithResolvers<void> }
  >();
  #retry: Timer | undefined;
  readonly #onDamage: ((message: string) => void) | undefined;
  /** Rows that were told to be damaged. */
  readonly #told = new Set<string>();

  /**
   * Opens or creates the records in `dataDir`. `onDamage` is told of each row that cannot be understood and is left out.
   * Throws `incompatible` for a folder of a newer version.
   */
  constructor(dataDir: string, newWorkerId: () => string, onDamage?: (message: string) => void) {
    this.#onDamage = onDamage;
    keepPrivate(join(dataDir, recordsFile));
    this.#db = new Database(join(dataDir, recordsFile), { create: true, strict: true });
    this.#db.run("PRAGMA journal_mode = WAL");
    this.#db.run("PRAGMA synchronous = NORMAL");
    const version =
      this.#db.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
    if (version > schemaVersion) {
      this.#db.close();
      throw new TasklogError(
        "incompatible",
        `the data folder ${dataDir} was written by a newer tasklog (its version is ${version}, this one knows ${schemaVersion}): update tasklog or choose another folder with --data-dir`,
      );
    }
    this.#db.run(`CREATE TABLE IF NOT EXISTS worker (id TEXT PRIMARY KEY)`);
    this.#db.run(
      `CREATE TABLE IF NOT EXISTS tasks (task_id TEXT PRIMARY KEY, status TEXT NOT NULL, record TEXT NOT NULL)`,
    );
    this.#db.run(`CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, value TEXT NOT NULL)`);
    this.#db.run(`PRAGMA user_version = ${schemaVersion}`);
    const known = this.#db.query<{ id: string }, []>("SELECT id FROM worker").get();
    this.workerId = known?.id ?? newWorkerId();
    if (known === null) this.#db.query("INSERT INTO worker (id) VALUES (?)").run(this.workerId);
  }

  /** Counts at once; a disk that takes nothing gets it later. */
  save(record: TaskRecord): void {
    const { taskId, status } = record;
    const saved = this.#unsaved.get(taskId)?.saved ?? Promise.withResolvers<void>();
    this.#unsaved.set(taskId, { json: JSON.stringify(record), status, saved });
    this.#write();
  }

  /** Resolves when the record is on the disk as it is now, or as it is then. */
  async saved(taskId: string): Promise<void> {
    await this.#unsaved.get(taskId)?.saved.promise;
  }

  #write(): void {
    this.#retry?.stop();
    const insert = this.#db.query("INSERT OR REPLACE INTO tasks (task_id, status, record) VALUES (?, ?, ?)");
    try {
      for (const [taskId, { json, status, saved }] of this.#unsaved) {
        insert.run(taskId, status, json);
        this.#unsaved.delete(taskId);
        saved.resolve();
      }
    } catch (error) {
      if (!(error instanceof SQLiteError)) throw error;
      this.#retry = startTimer(() => this.#write(), recordRetryMs).unref();
    }
  }

  get(taskId: string): TaskRecord | undefined {
    const unsaved = this.#unsaved.get(taskId);
    if (unsaved !== undefined) return JSON.parse(unsaved.json) as TaskRecord;
    const row = this.#db
      .query<{ record: string }, [string]>("SELECT record FROM tasks WHERE task_id = ?")
      .get(taskId);
    return row === null ? undefined : this.#sound(taskId, row.record);
  }

  /** undefined for a row that cannot be understood: it stays as it is, and is told once. */
  #sound(taskId: string, json: string): TaskRecord | undefined {
    const fault = faultOf(taskId, json);
    if (fault === undefined) return JSON.parse(json) as TaskRecord;
    if (!this.#told.has(taskId)) this.#onDamage?.(`${fault}; it is left out`);
    this.#told.add(taskId);
    return undefined;
  }

  all(): TaskRecord[] {
    const query = this.#db.query<{ task_id: string; record: string }, []>(
      "SELECT task_id, record FROM tasks",
    );
    const records = new Map(query.all().map((row) => [row.task_id, row.record]));
    for (const [taskId, { json }] of this.#unsaved) records.set(taskId, json);
    return [...records].flatMap(([taskId, json]) => this.#sound(taskId, json) ?? []);
  }

  /** Tasks that have not ended, as far as this worker knows. */
  open(): TaskRecord[] {
    return this.all().filter((record) => !isFinal(record.status));
  }

  /** A small value by its key. What a full disk does not take is not kept: notes must not be what truth hangs on. */
  note(key: string, value: unknown): void {
    try {
      this.#db
        .query("INSERT OR REPLACE INTO notes (key, value) VALUES (?, ?)")
        .run(key, JSON.stringify(value));
    } catch (error) {
      if (!(error instanceof SQLiteError)) throw error;
    }
  }

  noted(key: string): unknown {
    const query = this.#db.query<{ value: string }, [string]>("SELECT value FROM notes WHERE key = ?");
    const row = query.get(key);
    try {
      return row === null ? undefined : JSON.parse(row.value);
    } catch {
      this.#onDamage?.(`the row ${key} in the table notes of ${recordsFile} is no JSON; it is left out`);
      return undefined;
    }
  }

  forget(key: string): void {
    try {
      this.#db.query("DELETE FROM notes WHERE key = ?").run(key);
    } catch (error) {
      if (!(error instanceof SQLiteError)) throw error;
    }
  }

  close(): void {
    if (this.#unsaved.size > 0) this.#write();
    this.#retry?.stop();
    this.#db.close();
  }
}
