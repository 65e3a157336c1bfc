// The way from the sessions to a log: streamTaskLogsUnified with its failure as a value, because what a failure means
// to a viewer (a frame, a close code, an event) is the session's to say.
import { TasklogError } from "../../../core/base/errors.ts";
import type { LogStreamHandler, PluginHost, StreamTaskLogsOptions } from "../../../core/plugin-api.ts";

/** Resolves at the end of the stream: to undefined when it ended well or was aborted. Never throws. */
export type LogStreams = (
  signal: AbortSignal,
  taskId: string,
  handler: LogStreamHandler,
  options: StreamTaskLogsOptions,
) => Promise<TasklogError | undefined>;

export function createLogStreams({
  streamTaskLogsUnified,
}: Pick<PluginHost, "streamTaskLogsUnified">): LogStreams {
  return async (signal, taskId, handler, options) => {
    try {
      await streamTaskLogsUnified(signal, taskId, "", handler, options);
      return undefined;
    } catch (error) {
      return signal.aborted ? undefined : TasklogError.from(error);
    }
  };
}
