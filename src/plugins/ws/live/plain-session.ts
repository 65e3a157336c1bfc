// A socket without a sub-protocol: one task, one frame for each line, and its end. It takes no requests.
import type { LogUpdate } from "../../../core/plugin-api.ts";
import type { LogRequest } from "./log-request.ts";
import type { LogStreams } from "./log-streams.ts";
import { plainComplete, plainGap, plainLines, plainStart, plainStatus } from "./plain-frames.ts";
import type { ViewerSession, ViewerSocket } from "./viewer-socket.ts";

/** Runs to the end of the task's log or of the socket. */
export function startPlainSession(
  stream: LogStreams,
  socket: ViewerSocket,
  taskId: string,
  request: LogRequest,
): ViewerSession {
  const stop = new AbortController();
  void run(stream, socket, taskId, request, stop.signal);
  return {
    take() {},
    end: () => stop.abort(),
  };
}

async function run(
  stream: LogStreams,
  socket: ViewerSocket,
  taskId: string,
  { options, filter }: LogRequest,
  signal: AbortSignal,
): Promise<void> {
  let isComplete = false;
  let told = "";
  const handle = async ({ item, start, lines, gap, completion, status }: LogUpdate): Promise<void> => {
    if (lines !== undefined) {
      for (const frame of await plainLines(lines, status, filter, signal)) {
        const full = socket.send(frame);
        if (full !== undefined) await full;
        if (socket.hasEnded) return;
      }
    } else if (start !== undefined) {
      await socket.send(plainStart(start));
    } else if (gap !== undefined) {
      await socket.send(plainGap(gap));
    } else if (completion !== undefined) {
      isComplete = true;
      await socket.send(plainComplete(completion));
    } else if (item.kind === "status" && told !== `${item.status} ${item.detail}`) {
      told = `${item.status} ${item.detail}`;
      await socket.send(plainStatus(item.status, item.detail));
    }
  };
  const failure = await stream(signal, taskId, handle, options);
  if (failure !== undefined) socket.fail(failure);
  else if (isComplete) socket.close(1000, "the task is complete");
}
