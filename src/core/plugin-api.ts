// Everything that a plugin may import of the core's master: the contract, and the types of what its host gives. The
// package offers this file as `tasklog/plugin`. A plugin takes nothing else from master, rpc, worker or engine; the
// ground floor, the words of a log and the search it may import beside it (ARCHITECTURE.md, rule 7).
//
// What is a value here, a stranger's file gets from the executable itself (plugin-loading.ts), so it has to be a value of
// plugin.ts, too.
export type { HttpRoute } from "./master/http/http.ts";
export type { Metrics } from "./master/http/metrics.ts";
export * from "./master/plugins/plugin.ts";
export type { ReadTaskLog } from "./master/reading/read-task-log.ts";
export type {
  LogStreamHandler,
  LogUpdate,
  StreamEnd,
  StreamTaskLogsOptions,
  StreamTaskLogsUnified,
} from "./master/reading/stream-types.ts";
export type { KeyValue, TaskFilter } from "./master/store/master-store.ts";
export type { MasterEvent } from "./master/tasks/events.ts";
export type { DeepPartial, Task, WorkerInfo } from "./rpc/gen/tasklog/v1/task.ts";
