// Writes to one descriptor that may block, on a thread of its own: only the thread waits for a reader that has stopped.
// The threads of the runtime's file calls will not do: there are as many as processors, and two readers that have stopped
// would hold up every file of a worker.
import { writeSync } from "node:fs";

declare const self: {
  onmessage: (message: { data: ToOutputThread }) => void;
  postMessage(failure: Told): void;
};

export interface ToOutputThread {
  readonly fd: number;
  readonly bytes: Uint8Array;
}

/** The results of the writes, in order: undefined when all was taken, else the error's code and message. */
export type Told = { readonly code: string; readonly message: string } | undefined;

/** Somebody else has made the descriptor non-blocking: its reader is given this time, in ms. */
const againMs = 5;

self.onmessage = ({ data: { fd, bytes } }) => {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSome(fd, bytes.subarray(at));
    self.postMessage(undefined);
  } catch (thrown) {
    const { code = "", message } = thrown as NodeJS.ErrnoException;
    self.postMessage({ code, message });
  }
};

function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "EAGAIN") throw thrown;
    Bun.sleepSync(againMs);
    return 0;
  }
}
