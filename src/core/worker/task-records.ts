// What a worker knows of its tasks beside their lines: enough to find each container again after a restart and to
// tell a master how a task ended that nobody was there to hear. One row a task, in SQLite in the worker's data
// folder; written at each change of status, never per line.
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { TasklogError } from "../errors.ts";
import { type Completion, isFinal, type TaskStatus } from "../log/log-item.ts";
import type { TaskSpec } from "../rpc/gen/tasklog/v1/task.ts";

export interface TaskRecord {
  taskId: string;
  spec: TaskSpec;
  userId: string;
  runtime: string;
  status: TaskStatus;
  /** What the runtime calls the run; empty until it was started. */
  handle: string;
  /** Milliseconds of the Unix epoch; 0: not started. */
  startedMs: number;
  /** Somebody asked for its end. */
  stopRequested: boolean;
  completion?: Completion | undefined;
  /** Its log is compressed. */
  sealed?: boolean;
}

/** Of the tables below. A worker refuses a folder of a newer one. */
const SCHEMA = 1;

export class TaskRecords {
  readonly workerId: string;
  readonly #db: Database;

  /** Opens or creates the records in `dataDir`. Throws `incompatible` for a folder of a newer version. */
  constructor(dataDir: string, newWorkerId: () => string) {
    this.#db = new Database(join(dataDir, "worker.db"), { create: true, strict: true });
    this.#db.run("PRAGMA journal_mode = WAL");
    this.#db.run("PRAGMA synchronous = NORMAL");
    const version =
      this.#db.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
    if (version > SCHEMA) {
      this.#db.close();
      throw new TasklogError(
        "incompatible",
        `the data folder ${dataDir} was written by a newer tasklog (its version is ${version}, this one knows ${SCHEMA}): update tasklog or choose another folder with --data-dir`,
      );
    }
    this.#db.run(`CREATE TABLE IF NOT EXISTS worker (id TEXT PRIMARY KEY)`);
    this.#db.run(
      `CREATE TABLE IF NOT EXISTS tasks (task_id TEXT PRIMARY KEY, status TEXT NOT NULL, record TEXT NOT NULL)`,
    );
    this.#db.run(`PRAGMA user_version = ${SCHEMA}`);
    const known = this.#db.query<{ id: string }, []>("SELECT id FROM worker").get();
    this.workerId = known?.id ?? newWorkerId();
    if (known === null) this.#db.query("INSERT INTO worker (id) VALUES (?)").run(this.workerId);
  }

  save(record: TaskRecord): void {
    this.#db
      .query("INSERT OR REPLACE INTO tasks (task_id, status, record) VALUES (?, ?, ?)")
      .run(record.taskId, record.status, JSON.stringify(record));
  }

  get(taskId: string): TaskRecord | undefined {
    const row = this.#db
      .query<{ record: string }, [string]>("SELECT record FROM tasks WHERE task_id = ?")
      .get(taskId);
    return row === null ? undefined : (JSON.parse(row.record) as TaskRecord);
  }

  all(): TaskRecord[] {
    const rows = this.#db.query<{ record: string }, []>("SELECT record FROM tasks").all();
    return rows.map((row) => JSON.parse(row.record) as TaskRecord);
  }

  /** Tasks that have not ended, as far as this worker knows. */
  open(): TaskRecord[] {
    return this.all().filter((record) => !isFinal(record.status));
  }

  close(): void {
    this.#db.close();
  }
}
