// The engine's log file while it rotates: a real engine, a container that prints as fast as it can.
import { describe, expect, test } from "bun:test";
import { useEngine } from "../../../helpers/engine.ts";
import { createPrinting, faults, numbers, type Read, readLog, rotating } from "../sources/engine-log.ts";

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

  test.each(["8", "3", "2"])(
    "each line arrives once and in order (max-file=%s)",
    async (files) => {
      const read = await burst(files);
      expect(read.gaps).toEqual([]);
      expect(faults(read, lines)).toEqual([]);
    },
    60_000,
  );
});
