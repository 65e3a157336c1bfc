// Writing to stdout and stderr without touching what others share with us. `O_NONBLOCK` belongs to the open file, not to
// the process: the runtime's own writers set it, and the next program of a pipeline (`(tasklog ps; seq 100000) | less`)
// meets EAGAIN and loses its lines. So nothing is ever set on what we were given:
//   - a pipe or a terminal is opened anew through /proc, which makes an open file of our own;
//   - a regular file keeps its place only when it is written through what we were given, and never blocks for long;
//   - what cannot be opened anew (a socket, a pipe of another user, no Linux) is written by a thread that may block.
// Nothing here ends a write that is under way: the process may exit in the middle of it.

import { constants, fstatSync, openSync, type Stats, write } from "node:fs";
import type { Told, ToOutputThread } from "./output-thread.ts";
import { Turns } from "./turns.ts";

/** Resolves when the bytes were taken. Throws the system's error, such as EPIPE. One write at a time. */
export type WriteOutput = (bytes: Uint8Array) => Promise<void>;

/** Writes to descriptor `fd` in the order of the calls. Nothing is opened before the first write. */
export function createOwnOutput(fd: 1 | 2): WriteOutput {
  let open: WriteOutput | undefined;
  const turns = new Turns();
  const writeNow = (bytes: Uint8Array): Promise<void> => {
    open ??= openOutput(fd);
    return open(bytes);
  };
  return (bytes) => turns.take(() => writeNow(bytes));
}

function openOutput(fd: 1 | 2): WriteOutput {
  if (process.platform === "win32") return writerOf(fd === 1 ? Bun.stdout : Bun.stderr);
  const stats = fstatSync(fd);
  if (stats.isFile()) return (bytes) => writeAll(fd, bytes);
  const own = openAnew(fd, stats);
  return own === undefined ? threadOf(fd) : writerOf(Bun.file(own));
}

/** undefined where that cannot be had. Throws EPIPE for a pipe that nobody reads any more. */
function openAnew(fd: number, stats: Stats): number | undefined {
  // Elsewhere /dev/fd gives the same open file again.
  if (process.platform !== "linux" || stats.isSocket()) return undefined;
  try {
    return openSync(
      `/proc/self/fd/${fd}`,
      // Not waiting: a pipe without a reader would be waited for, until there is one.
      constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY,
    );
  } catch (thrown) {
    if (!stats.isFIFO() || (thrown as NodeJS.ErrnoException).code !== "ENXIO") return undefined;
    throw Object.assign(new Error("EPIPE: broken pipe, write"), { code: "EPIPE" });
  }
}

function writerOf(file: Bun.BunFile): WriteOutput {
  const writer = file.writer();
  return async (bytes) => {
    // Both may be promises of the same failure: none may be left without an owner.
    await Promise.all([writer.write(bytes), writer.flush()]);
  };
}

async function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await writeSome(fd, bytes.subarray(at));
}

function writeSome(fd: number, bytes: Uint8Array): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  write(fd, bytes, 0, bytes.length, null, (error, written) => (error ? reject(error) : resolve(written)));
  return promise;
}

/** The path of the thread's source: in the executable, files lie below the folder of main.ts. */
const source = import.meta.dir.startsWith("/$bunfs/") ? "./core/base/output-thread.ts" : "./output-thread.ts";

function threadOf(fd: number): WriteOutput {
  const thread = new Worker(new URL(source, import.meta.url).href);
  thread.unref();
  return async (bytes) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    thread.onmessage = ({ data }: MessageEvent<Told>): void =>
      data === undefined ? resolve() : reject(Object.assign(new Error(data.message), { code: data.code }));
    thread.onerror = ({ message }): void => reject(new Error(message));
    thread.ref();
    // A copy: what is handed over is the whole memory that the bytes lie in.
    const copy = new Uint8Array(bytes);
    thread.postMessage({ fd, bytes: copy } satisfies ToOutputThread, [copy.buffer]);
    try {
      await promise;
    } finally {
      thread.unref();
    }
  };
}
