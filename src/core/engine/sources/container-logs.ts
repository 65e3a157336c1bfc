// The engine's log of a container through its logs API, from the first line or the last N, and live. Each frame is one
// record of the log: a line, or a part of 16 KiB of a longer one (then it has no newline at its end), with its own
// stamp, which is taken off here. What this source cannot promise: when the engine's log file rotates under a burst,
// the API leaves lines out and does not say so; attach before start is the way for containers that we start.
import type { Readable } from "node:stream";
import type { Container } from "dockerode";
import { joinBytes } from "../../base/bytes.ts";
import { daemonError } from "../containers/attach-output.ts";
import type { LogRecord } from "../records/record-format.ts";
import { readStamp, stampBytes, stampedLines } from "../records/stamped-lines.ts";
import { StdcopyDemux } from "../records/stdcopy-demux.ts";

export interface LogQuery {
  follow: boolean;
  /** Lines from the end; absent: all. */
  tail?: number;
  /** `seconds.nanos`, inclusive; skips only until the first record that is not older. */
  since?: string;
}

/** Ends where the log ends, or with `follow` when the container does; abort ends it. Throws what dockerode throws. */
export async function* readLogs(
  container: Container,
  tty: boolean,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogRecord> {
  let stream: Readable | undefined;
  const abort = (): unknown => stream?.destroy();
  signal.addEventListener("abort", abort);
  try {
    stream = await openLogs(container, tty, query, signal);
    stream.on("error", () => {});
    if (!signal.aborted) yield* recordsOf(stream, tty, query.follow);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    signal.removeEventListener("abort", abort);
    stream?.destroy();
  }
}

/** The logs call without `follow` would give one buffer of everything, so the request is made as a stream always. */
function openLogs(
  container: Container,
  tty: boolean,
  query: LogQuery,
  signal: AbortSignal,
): Promise<Readable> {
  const options = {
    stdout: true,
    stderr: true,
    follow: query.follow,
    // Followed and unframed, text would have to be held back until what follows it shows where its record ends.
    timestamps: !tty || !query.follow,
    tail: query.tail ?? "all",
    since: query.since ?? 0,
  };
  const { promise, resolve, reject } = Promise.withResolvers<Readable>();
  container.modem.dial(
    {
      path: `/containers/${container.id}/logs?`,
      method: "GET",
      isStream: true,
      abortSignal: signal,
      options,
      statusCodes: { 200: true, 404: "no such container", 500: "server error" },
    },
    (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as Readable)),
  );
  return promise;
}

function recordsOf(stream: Readable, tty: boolean, follow: boolean): AsyncGenerator<LogRecord> {
  if (!tty) return framed(stream);
  return follow ? unframed(stream) : stampedLines(stream);
}

async function* unframed(stream: Readable): AsyncGenerator<LogRecord> {
  for await (const bytes of stream) yield { stream: "stdout", bytes };
}

const nothingHeld: Uint8Array = new Uint8Array(0);

async function* framed(stream: Readable): AsyncGenerator<LogRecord> {
  const ready: LogRecord[] = [];
  let held = nothingHeld;
  const demux = new StdcopyDemux((number, piece, _begins, ends) => {
    const bytes = joinBytes(held, piece);
    held = ends ? nothingHeld : bytes;
    if (!ends) return;
    if (number > 2) throw daemonError(bytes);
    const { seconds, nanos } = readStamp(bytes);
    const text = bytes.subarray(stampBytes);
    ready.push({ stream: number === 2 ? "stderr" : "stdout", bytes: text, seconds, nanos });
  });
  for await (const chunk of stream) {
    demux.push(chunk as Uint8Array);
    yield* ready;
    ready.length = 0;
  }
}
