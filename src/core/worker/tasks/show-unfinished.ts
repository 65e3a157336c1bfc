// Shows text that has no newline yet (prompts, progress bars) to those who watch live, once it has stood a moment.
// A tick looks at both streams instead of a timer per chunk, so that full speed pays nothing for it. It gets no seq:
// the line does, when it is finished. Of a progress bar, which returns its carriage for each step, the last step is shown.

import { carriageReturnByte } from "../../base/bytes.ts";
import { stampNow } from "../../base/clock.ts";
import { startInterval } from "../../base/wait.ts";
import type { LineSplitter } from "../../log/line-splitter.ts";
import type { TaskLogBroadcaster } from "../../log/task-log-broadcaster.ts";

/** Text without a newline is shown as an unfinished line after this long, in ms, if it is not longer than that, in bytes. */
const partialAfterMs = 100;
const partialBytesMax = 64 * 1024;

export function showUnfinished(lines: LineSplitter, broadcaster: TaskLogBroadcaster): Disposable {
  const shown = { stdout: 0, stderr: 0 };
  const timer = startInterval(() => {
    for (const [stream, change] of lines.unfinished()) {
      if (shown[stream] === change || broadcaster.subscribers === 0) continue;
      shown[stream] = change;
      const text = lines.partial(stream);
      if (text === undefined) continue;
      const step = lastStep(text);
      if (step.length <= partialBytesMax) broadcaster.setPartial({ stream, text: step, ...stampNow() });
    }
  }, partialAfterMs);
  return { [Symbol.dispose]: () => timer.stop() };
}

/** Returns the text behind the last carriage return that has anything behind it. */
function lastStep(text: Uint8Array): Uint8Array {
  let end = text.length;
  while (end > 0 && text[end - 1] === carriageReturnByte) end--;
  return text.subarray(text.subarray(0, end).lastIndexOf(carriageReturnByte) + 1, end);
}
