// The output of a container from its first byte on: attached before it is started. What attach has not: a past, and
// stamps. Its reader must not pause: the engine holds about 1 MB, then the task's own writes block.
import type { Readable } from "node:stream";
import type { Container } from "dockerode";
import { TasklogError } from "../../base/errors.ts";
import type { OutputChunk } from "../output.ts";
import { StdcopyDemux } from "../records/stdcopy-demux.ts";

/** Resolves when the engine has attached. The stream waits to be read; abort ends it. */
export async function attachOutput(container: Container, tty: boolean, signal: AbortSignal) {
  const stream = (await container.attach({
    stream: true,
    stdout: true,
    stderr: true,
  })) as unknown as Readable;
  // Until somebody iterates, an error has no other listener and would end the process.
  stream.on("error", () => {});
  signal.addEventListener("abort", () => stream.destroy(), { once: true });
  return tty ? unframed(stream) : framed(stream);
}

async function* unframed(stream: Readable): AsyncGenerator<OutputChunk> {
  for await (const bytes of stream) yield { stream: "stdout", bytes };
}

async function* framed(stream: Readable): AsyncGenerator<OutputChunk> {
  const ready: OutputChunk[] = [];
  const demux = new StdcopyDemux((number, bytes) => {
    if (number > 2) throw daemonError(bytes);
    ready.push({ stream: number === 2 ? "stderr" : "stdout", bytes });
  });
  for await (const chunk of stream) {
    demux.push(chunk as Uint8Array);
    yield* ready;
    ready.length = 0;
  }
}

/** Stream 3: the engine says why it cannot go on. Trying again at once would not help, so not "unavailable". */
export function daemonError(bytes: Uint8Array): TasklogError {
  return new TasklogError(
    "internal",
    `the engine broke off the output: ${new TextDecoder().decode(bytes).trim()}`,
  );
}
