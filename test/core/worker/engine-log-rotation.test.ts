// The engine's log file while it rotates: a real engine, a container that prints as fast as it can.
import { describe, expect, test } from "bun:test";
import { useEngine } from "../../helpers/engine.ts";
import { createPrinting, faults, numbers, readLog, rotating } from "./engine-log.ts";

const host = await useEngine();
const lines = 200_000;

describe.each([
  ["json-file", rotating("json-file")],
  ["json-file, compressed", rotating("json-file", { compress: "true" })],
  ["local", rotating("local")],
  ["local, not compressed", rotating("local", { compress: "false" })],
])("a burst into %s that rotates at 1 MB", (_name, config) => {
  test("each line arrives once and in order", async () => {
    await using printing = await createPrinting(host, numbers(lines), config);
    const log = await printing.log();
    expect({ kind: log.kind, limits: log.limits }).toEqual({ kind: "log-file", limits: "" });
    const reading = readLog(log);
    await printing.container.start();
    const read = await reading;
    expect(read.gaps).toEqual([]);
    expect(faults(read, lines)).toEqual([]);
  }, 60_000);
});
