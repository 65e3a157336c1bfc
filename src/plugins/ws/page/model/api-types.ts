// What the HTTP API and the socket say, as the page reads it. The server part is the authority; fields the page
// does not use are left out.

export type TaskStatus = "pending" | "starting" | "running" | "success" | "failed" | "cancelled" | "lost";

export interface Task {
  id: string;
  name: string;
  image: string;
  /** As the page keeps it, in one piece. */
  command: string[];
  status: TaskStatus;
  /** Why it waits or what it does, one sentence. */
  detail: string;
  user: string;
  worker: string;
  labels: Record<string, string>;
  /** Milliseconds of the Unix epoch; 0: not yet. */
  createdMs: number;
  startedMs: number;
  finishedMs: number;
  exitCode: number | null;
  signal: string;
  reason: string;
  message: string;
  lastSeq: number;
  bytes: number;
  /** A container that somebody else started: it is only watched. */
  adopted?: { container: string } | null;
}

export interface Worker {
  id: string;
  name: string;
  slots: number;
  running: number;
  connected: boolean;
}

/** One line of a log as the API's JSON has it. */
export interface ApiLine {
  seq: number;
  /** RFC 3339 with nanoseconds. */
  time: string;
  stream: "stdout" | "stderr";
  text: string;
  cut?: boolean;
}

export interface Gap {
  fromSeq: number;
  /** Inclusive. */
  toSeq: number;
  count?: number;
  reason: string;
}

export interface LogInfo {
  epoch: string;
  firstSeq: number;
  nextSeq: number;
  complete: boolean;
  status: TaskStatus;
}

export interface LogPage {
  epoch: string;
  lines: ApiLine[];
  gaps: Gap[];
  nextSeq: number;
  /** What was looked through, inclusive. With a filter it may be more than the lines say. */
  scannedFrom?: number;
  scannedTo?: number;
}

export interface SearchStep {
  scannedTo?: number;
  of?: number;
  matches?: { seq: number; time: string; ranges?: [number, number][] }[];
  done?: boolean;
  reason?: string;
}

export interface Bucket {
  fromSeq: number;
  toSeq: number;
  lines: number;
  errors: number;
  timeMs: number;
}

export interface Completion {
  status: TaskStatus;
  exitCode?: number | null;
  signal?: string;
  reason?: string;
  message?: string;
  lastSeq: number;
}

export type StreamChoice = "all" | "stdout" | "stderr";

/** What of a log is shown. Empty texts: everything. */
export interface LogFilter {
  /** Regular expressions. */
  include: string;
  exclude: string;
  streams: StreamChoice;
}

export const noFilter: LogFilter = { include: "", exclude: "", streams: "all" };

export function isFiltered({ include, exclude, streams }: LogFilter): boolean {
  return include !== "" || exclude !== "" || streams !== "all";
}

const finals: ReadonlySet<TaskStatus> = new Set(["success", "failed", "cancelled", "lost"]);

export function isFinal(status: TaskStatus): boolean {
  return finals.has(status);
}
