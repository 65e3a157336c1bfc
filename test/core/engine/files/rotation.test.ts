// The engine's log file while it rotates: a real engine, a container that prints as fast as it can.
import { describe, expect, test } from "bun:test";
import { useEngine } from "../../../helpers/engine.ts";
import {
  createPrinting,
  faults,
  missingInGaps,
  numbers,
  type Read,
  readLog,
  rotating,
} from "../sources/engine-log.ts";

const host = await useEngine();
const lines = 200_000;

describe.each([
  ["json-file", "false"],
  ["json-file", "true"],
  ["local", "false"],
  ["local", "true"],
])("a burst into %s that rotates at 1 MB (compress=%s)", (driver, compress) => {
  const burst = async (files: string): Promise<Read> => {
    await using printing = await createPrinting(
      host,
      numbers(lines),
      rotating(driver, { compress, "max-file": files }),
    );
    const log = await printing.log();
    expect({ kind: log.kind, limits: log.limits }).toEqual({ kind: "log-file", limits: "" });
    const reading = readLog(log);
    await printing.container.start();
    return await reading;
  };

  test.each(["8", "3"])(
    "each line arrives once and in order (max-file=%s)",
    async (files) => {
      const read = await burst(files);
      expect(read.gaps).toEqual([]);
      expect(faults(read, lines)).toEqual([]);
    },
    60_000,
  );

  // With one file behind the one that is written, a line is gone two files later, which is some 25 ms: no process is promised a
  // turn on the processor that soon. So what is promised is that nothing is lost without a gap in its place. A gap without a loss may be
  // told, too: where the file that was read last has no name any more, nobody can know whether there was another one behind it.
  test("what is lost is told in its place, and no line is repeated (max-file=2)", async () => {
    const read = await burst("2");
    expect(read.rest).toEqual({ stdout: "", stderr: "" });
    missingInGaps(read, lines); // throws at a loss without a gap, and at a line that comes again
    for (const { reason } of read.gaps)
      expect(reason).toBe("the engine's log rotated away what had not been read yet");
  }, 60_000);
});

test("a loss without a gap and a repeated line are found", () => {
  const read = (numbers: number[], gaps: number[]): Read => ({
    stdout: numbers.map((number) => `line ${number}`),
    stderr: ["line 1", "line 2", "line 3", "line 4"],
    gaps: gaps.map((stdout) => ({ reason: "", stdout, stderr: 4 })),
    places: [],
    rest: { stdout: "", stderr: "" },
  });
  expect(missingInGaps(read([1, 2, 4], [2]), 4)).toBe(1);
  expect(() => missingInGaps(read([1, 2, 4], [1]), 4)).toThrow("line 3 expected, got 4");
  expect(() => missingInGaps(read([1, 2, 2, 4], [3]), 4)).toThrow("line 3 expected, got 2");
  expect(() => missingInGaps(read([1, 2, 3], []), 4)).toThrow("line 4 expected, got 5");
});
