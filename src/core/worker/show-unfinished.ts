// Shows text that has no newline yet (prompts, progress bars) to those who watch live, once it has stood a moment.
// A tick looks at both streams instead of a timer per chunk, so that full speed pays nothing for it. It gets no seq:
// the line does, when it is finished.
import { partialAfterMs, partialBytesMax } from "../limits.ts";
import { stampNow } from "../log/clock.ts";
import type { LineSplitter } from "../log/line-splitter.ts";
import type { TaskLogBroadcaster } from "../log/task-log-broadcaster.ts";

export function showUnfinished(lines: LineSplitter, broadcaster: TaskLogBroadcaster): Disposable {
  const shown = { stdout: 0, stderr: 0 };
  const timer = setInterval(() => {
    for (const [stream, change] of lines.unfinished()) {
      if (shown[stream] === change || broadcaster.subscribers === 0) continue;
      shown[stream] = change;
      const text = lines.partial(stream);
      if (text !== undefined && text.length <= partialBytesMax) {
        broadcaster.setPartial({ stream, text, ...stampNow() });
      }
    }
  }, partialAfterMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
