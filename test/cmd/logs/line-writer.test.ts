import { describe, expect, test } from "bun:test";
import {
  createBlockWriter,
  createFormattedWriter,
  createJsonWriter,
} from "../../../src/cmd/logs/line-writer.ts";
import { createStyle } from "../../../src/cmd/output/style.ts";
import { cutFlag, LineBatchBuilder, stderrFlag } from "../../../src/core/log/line-batch.ts";

/** Both ends of a process, and the order in which they were written to. */
function collect() {
  const writes: [end: "out" | "err", text: string][] = [];
  const end = (name: "out" | "err") => ({
    isTTY: false,
    columns: undefined,
    write: async (data: Uint8Array | string) =>
      void writes.push([name, Buffer.from(data as string).toString()]),
  });
  return { writes, ends: { out: end("out"), err: end("err") } };
}

function batchOf(...lines: [text: string, flags?: number][]) {
  const builder = new LineBatchBuilder();
  lines.forEach(([text, flags], index) => {
    const bytes = Buffer.from(text);
    builder.add(bytes, 0, bytes.length, { seconds: 1_763_884_313, nanos: index }, flags ?? 0);
  });
  return builder.build(5);
}

const batch = batchOf(["one"], ["two"], ["err", stderrFlag], [""], ["\x1b[32mgreen", cutFlag]);
const plain = { out: createStyle(false), err: createStyle(false) };
const colour = { out: createStyle(true), err: createStyle(true) };

test("blocks - consecutive lines of one stream are one write, in order, byte for byte", async () => {
  const { writes, ends } = collect();
  await createBlockWriter(ends)(batch);
  await createBlockWriter(ends)(batch.slice(1, 2));
  expect(writes).toEqual([
    ["out", "one\ntwo\n"],
    ["err", "err\n"],
    ["out", "\n\x1b[32mgreen\n"],
    ["out", "two\n"],
  ]);
});

describe("formatted", () => {
  test("times and prefix stand in front, cut lines are marked", async () => {
    const { writes, ends } = collect();
    await createFormattedWriter(ends, { raw: false, timestamps: true, prefix: () => "web ", styles: plain })(
      batch.slice(2, 5),
    );
    const time = "2025-11-23T07:51:53.00000000";
    expect(writes).toEqual([
      ["err", `web ${time}2Z err\n`],
      ["out", `web ${time}3Z \nweb ${time}4Z \x1b[32mgreen [cut: not the whole line]\n`],
    ]);
  });

  test("with colours, stderr is tinted and a task's colour ends with its line", async () => {
    const { writes, ends } = collect();
    await createFormattedWriter(ends, { raw: false, timestamps: false, prefix: () => "", styles: colour })(
      batch.slice(2, 5),
    );
    expect(writes[0]).toEqual(["err", "\x1b[31merr\x1b[0m\n"]);
    expect(writes[1]?.[1]).toStartWith("\n\x1b[32mgreen\x1b[0m");
  });
});

test("json - exactly seq, time, stream, text, task, and cut where it was", async () => {
  const { writes, ends } = collect();
  await createJsonWriter(ends.out, "task-x")(batch.slice(2, 5));
  const lines = writes
    .map(([, text]) => text)
    .join("")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    { seq: 7, time: "2025-11-23T07:51:53.000000002Z", stream: "stderr", text: "err", task: "task-x" },
    { seq: 8, time: "2025-11-23T07:51:53.000000003Z", stream: "stdout", text: "", task: "task-x" },
    {
      seq: 9,
      time: "2025-11-23T07:51:53.000000004Z",
      stream: "stdout",
      text: "\x1b[32mgreen",
      cut: true,
      task: "task-x",
    },
  ]);
});
