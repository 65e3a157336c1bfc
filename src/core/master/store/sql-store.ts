// The store on Bun.SQL. Statements are plain SQL with $1, $2 … that SQLite and PostgreSQL both take.
//
// Everything runs one after the other: Bun's SQLite has one connection, and a statement that is issued while a
// transaction is open becomes part of it and is rolled back with it (tried, Bun 1.4.5).

import type { SQL } from "bun";
import { TasklogError } from "../../base/errors.ts";
import { parseKeyValue } from "../../base/labels.ts";
import { Turns } from "../../base/turns.ts";
import type { WorkerInfo } from "../../rpc/gen/tasklog/v1/task.ts";
import type { KeyValue, MasterStore, StoredTask, TaskFilter } from "./master-store.ts";
import { fromTaskRow, fromWorkerRow, type TaskRow, toTaskValues } from "./task-rows.ts";

type Value = string | number | null;

const taskColumns = `id, name, user_id, request_id, spec, status, detail, worker_id, worker_name, container_id,
  created_ms, started_ms, finished_ms, completion, cancel_requested, cancel_force, delivered, adopted`;

export class SqlStore implements MasterStore {
  readonly masterId: string;
  readonly #sql: SQL;
  readonly #onDamage: (message: string) => void;
  /** Rows that were told to be damaged. */
  readonly #told = new Set<string>();
  readonly #turns = new Turns();

  /** `sql` has all tables already: `openSqliteStore` sees to that. `onDamage` is told of each row that is set aside. */
  constructor(sql: SQL, masterId: string, onDamage: (message: string) => void) {
    this.#sql = sql;
    this.#onDamage = onDamage;
    this.masterId = masterId;
  }

  insertTask(task: StoredTask): Promise<StoredTask> {
    return this.#turns.take(() =>
      this.#sql.begin(async (tx) => {
        const earlier =
          task.requestId !== "" &&
          (await one(tx, `SELECT ${taskColumns} FROM tasks WHERE user_id = $1 AND request_id = $2`, [
            task.userId,
            task.requestId,
          ]));
        if (earlier) return earlier;
        await requireFreeName(tx, task.spec.name);
        const values = toTaskValues(task);
        const places = values.map((_, index) => `$${index + 1}`).join(", ");
        await tx.unsafe(
          `INSERT INTO tasks (ordinal, ${taskColumns}) SELECT COALESCE(MAX(ordinal), 0) + 1, ${places} FROM tasks`,
          values,
        );
        for (const [key, value] of Object.entries(task.spec.labels)) {
          await tx.unsafe("INSERT INTO task_labels (task_id, key, value) VALUES ($1, $2, $3)", [
            task.id,
            key,
            value,
          ]);
        }
        return task;
      }),
    );
  }

  async updateTask(task: StoredTask): Promise<void> {
    await this.#rows(
      `UPDATE tasks SET status = $1, detail = $2, worker_id = $3, worker_name = $4, container_id = $5,
         started_ms = $6, finished_ms = $7, completion = $8, cancel_requested = $9, cancel_force = $10,
         delivered = $11, adopted = $12 WHERE id = $13`,
      [
        task.status,
        task.detail,
        task.workerId,
        task.workerName,
        task.containerId,
        task.startedMs,
        task.finishedMs,
        task.completion === undefined ? null : JSON.stringify(task.completion),
        Number(task.cancelRequested),
        Number(task.cancelForce),
        Number(task.delivered),
        task.adopted === undefined ? null : JSON.stringify(task.adopted),
        task.id,
      ],
    );
  }

  async getTask(id: string): Promise<StoredTask | undefined> {
    return (await this.#tasks("WHERE id = $1", [id]))[0];
  }

  async taskNamed(name: string): Promise<StoredTask | undefined> {
    return (await this.#tasks("WHERE name = $1 AND name <> '' ORDER BY ordinal DESC LIMIT 1", [name]))[0];
  }

  async taskBefore(id: string): Promise<StoredTask | undefined> {
    const where = `WHERE name = (SELECT name FROM tasks WHERE id = $1) AND name <> ''
      AND ordinal < (SELECT ordinal FROM tasks WHERE id = $1) ORDER BY ordinal DESC LIMIT 1`;
    return (await this.#tasks(where, [id]))[0];
  }

  tasksWithPrefix(prefix: string, limit: number): Promise<StoredTask[]> {
    // Ids are ASCII, so a range does what LIKE would, without its wildcards.
    return this.#tasks("WHERE id >= $1 AND id < $2 ORDER BY ordinal DESC LIMIT $3", [
      prefix,
      `${prefix}\u007f`,
      limit,
    ]);
  }

  listTasks(filter: TaskFilter): Promise<StoredTask[]> {
    const values: Value[] = [];
    const place = (value: Value): string => `$${values.push(value)}`;
    const conditions: string[] = [];
    if (filter.status !== undefined && filter.status.length > 0) {
      conditions.push(`status IN (${filter.status.map(place).join(", ")})`);
    }
    if (filter.userId) conditions.push(`user_id = ${place(filter.userId)}`);
    if (filter.worker) {
      conditions.push(`(worker_id = ${place(filter.worker)} OR worker_name = ${place(filter.worker)})`);
    }
    for (const label of filter.labels ?? []) {
      const { key, value } = parseKeyValue(label);
      const ofKey = `task_id = id AND key = ${place(key)}`;
      const ofValue = value === undefined ? "" : ` AND value = ${place(value)}`;
      conditions.push(`EXISTS (SELECT 1 FROM task_labels WHERE ${ofKey}${ofValue})`);
    }
    if (filter.before) {
      conditions.push(`ordinal < (SELECT ordinal FROM tasks WHERE id = ${place(filter.before)})`);
    }
    const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
    const limit = filter.limit ? `LIMIT ${place(filter.limit)}` : "";
    return this.#tasks(`${where} ORDER BY ordinal DESC ${limit}`, values);
  }

  unfinishedTasks(): Promise<StoredTask[]> {
    return this.#tasks("WHERE status IN ('pending', 'starting', 'running') ORDER BY ordinal", []);
  }

  async saveWorker(worker: WorkerInfo): Promise<void> {
    await this.#rows(
      `INSERT INTO workers (id, name, info) VALUES ($1, $2, $3)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, info = excluded.info`,
      [worker.id, worker.name, JSON.stringify({ ...worker, connected: false, running: 0 })],
    );
  }

  async listWorkers(): Promise<WorkerInfo[]> {
    const rows = await this.#rows<{ id: string; info: string }>(
      "SELECT id, info FROM workers ORDER BY name, id",
      [],
    );
    return this.#sound(rows, ({ id, info }) => fromWorkerRow(id, info));
  }

  keyValue(owner: string): KeyValue {
    return {
      get: async (key) => {
        const sql = "SELECT value FROM key_values WHERE owner = $1 AND key = $2";
        return (await this.#rows<{ value: string }>(sql, [owner, key]))[0]?.value;
      },
      set: async (key, value) => {
        await this.#rows(
          `INSERT INTO key_values (owner, key, value) VALUES ($1, $2, $3)
             ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value`,
          [owner, key, value],
        );
      },
      delete: async (key) => {
        await this.#rows("DELETE FROM key_values WHERE owner = $1 AND key = $2", [owner, key]);
      },
      list: async (prefix = "") => {
        // Not LIKE, for its wildcards; and in SQL, because values of other prefixes may be large.
        const sql = `SELECT key, value FROM key_values WHERE owner = $1 AND substr(key, 1, length($2)) = $2
          ORDER BY key`;
        const rows = await this.#rows<{ key: string; value: string }>(sql, [owner, prefix]);
        return rows.map(({ key, value }) => ({ key, value }));
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turns.take(() => this.#sql.close());
  }

  async #tasks(rest: string, values: Value[]): Promise<StoredTask[]> {
    const rows = await this.#rows<TaskRow>(`SELECT ${taskColumns} FROM tasks ${rest}`, values);
    return this.#sound(rows, fromTaskRow);
  }

  /** Leaves out the rows that cannot be understood: they stay as they are, and are reported once. */
  #sound<Row extends { id: string }, Value>(rows: Row[], read: (row: Row) => Value): Value[] {
    return rows.flatMap((row) => {
      try {
        return [read(row)];
      } catch (error) {
        if (!this.#told.has(row.id)) this.#onDamage(`${TasklogError.from(error).message}; it is left out`);
        this.#told.add(row.id);
        return [];
      }
    });
  }

  #rows<Row = unknown>(sql: string, values: Value[]): Promise<Row[]> {
    return this.#turns.take(async () => (await this.#sql.unsafe(sql, values)) as Row[]);
  }
}

async function one(sql: SQL, query: string, values: Value[]): Promise<StoredTask | undefined> {
  const [row] = (await sql.unsafe(query, values)) as TaskRow[];
  return row && fromTaskRow(row);
}

async function requireFreeName(sql: SQL, name: string): Promise<void> {
  if (name === "") return;
  const holder = await one(
    sql,
    `SELECT ${taskColumns} FROM tasks WHERE name = $1 AND status IN ('pending', 'starting', 'running')`,
    [name],
  );
  if (holder === undefined) return;
  const elseWay = holder.adopted === undefined ? ", or cancel that task first" : "";
  throw new TasklogError(
    "already_exists",
    `the name ${name} is used by ${holder.id}, which is ${holder.status}; choose another name${elseWay}`,
  );
}
