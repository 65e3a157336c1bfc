// The tables, in steps that are only ever added to. Each step is SQL that SQLite and PostgreSQL both take: no
// AUTOINCREMENT, no JSON operators, numbers as BIGINT, flags as INTEGER.
export const schemaMigrations: readonly (readonly string[])[] = [
  [
    `CREATE TABLE tasks (
      id TEXT PRIMARY KEY,
      ordinal BIGINT NOT NULL,
      name TEXT NOT NULL,
      user_id TEXT NOT NULL,
      request_id TEXT NOT NULL,
      spec TEXT NOT NULL,
      status TEXT NOT NULL,
      detail TEXT NOT NULL,
      worker_id TEXT NOT NULL,
      worker_name TEXT NOT NULL,
      container_id TEXT NOT NULL,
      created_ms BIGINT NOT NULL,
      started_ms BIGINT NOT NULL,
      finished_ms BIGINT NOT NULL,
      completion TEXT,
      cancel_requested INTEGER NOT NULL,
      cancel_force INTEGER NOT NULL,
      delivered INTEGER NOT NULL
    )`,
    `CREATE UNIQUE INDEX tasks_ordinal ON tasks (ordinal)`,
    `CREATE UNIQUE INDEX tasks_request ON tasks (user_id, request_id) WHERE request_id <> ''`,
    `CREATE INDEX tasks_name ON tasks (name, ordinal) WHERE name <> ''`,
    `CREATE INDEX tasks_status ON tasks (status, ordinal)`,
    `CREATE TABLE task_labels (
      task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (task_id, key)
    )`,
    `CREATE INDEX task_labels_key ON task_labels (key, value)`,
    `CREATE TABLE workers (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      info TEXT NOT NULL
    )`,
    `CREATE TABLE key_values (
      owner TEXT NOT NULL,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (owner, key)
    )`,
  ],
  [`ALTER TABLE tasks ADD COLUMN adopted TEXT`],
];
