// Leaves out the lines of each stream that a reader has taken already. It counts newlines and looks at nothing else:
// equal lines, stamps and the order between the streams do not matter. A line that came in parts is one line.
import type { OutputChunk, Taken } from "../runtime.ts";

const NEWLINE = 10;

export async function* skipLines(
  chunks: AsyncIterable<OutputChunk>,
  taken: Taken,
): AsyncGenerator<OutputChunk> {
  const left = { ...taken };
  for await (const chunk of chunks) {
    let { bytes } = chunk;
    while (left[chunk.stream] > 0 && bytes.length > 0) {
      const end = bytes.indexOf(NEWLINE);
      if (end !== -1) left[chunk.stream]--;
      bytes = end === -1 ? bytes.subarray(bytes.length) : bytes.subarray(end + 1);
    }
    if (bytes.length > 0) yield { ...chunk, bytes };
  }
}
