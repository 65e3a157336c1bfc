// The lines of an engine's streams, however they are cut.
import { expect, test } from "bun:test";
import { textLines } from "../../../../src/core/engine/client/text-lines.ts";

async function* pieces(...texts: (string | Uint8Array)[]) {
  for (const text of texts) yield Buffer.from(text);
}

test("lines are whole whatever the pieces are, and a cut last one is left out", async () => {
  const [first, second] = [Buffer.from("ü").subarray(0, 1), Buffer.from("ü").subarray(1)];
  const lines = await Array.fromAsync(textLines(pieces("a", "b\n\nc", first, second, "\nlast")));
  expect(lines).toEqual(["ab", "", "cü"]);
});

test("a line that does not end is not gathered for ever", async () => {
  async function* endless() {
    for (;;) yield Buffer.from("x".repeat(100));
  }
  const reading = Array.fromAsync(textLines(endless(), 1000));
  expect(reading).rejects.toThrow("a line of more than 1000 characters");
  await reading.catch(() => {});
});
