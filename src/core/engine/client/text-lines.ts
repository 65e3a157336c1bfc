// The lines of an answer that the engine sends as a stream: events, the progress of a pull. What registries and other
// people's labels say stands in them, so how long a line may be is bounded.
import { engineLineMax } from "../../base/limits.ts";

/** Whole lines without their ends; a last one that was cut is left out. Throws where one is longer than `lineMax` characters. */
export async function* textLines(
  stream: AsyncIterable<unknown>,
  lineMax = engineLineMax,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > lineMax) throw new Error(`the engine sends a line of more than ${lineMax} characters`);
    yield* lines;
  }
}
