// The log of one container, read to its end by two readers: the engine's log file and the engine's logs API. The log
// lies there already and does not rotate, so that both can give all of it; each is decoded and split into lines, as a
// worker does. `DRIVER=local` for the other driver with files. Must run where the engine's files can be read (root).

import { createEngine } from "../src/core/engine/client/engine.ts";
import type { EngineLog } from "../src/core/engine/sources/engine-log.ts";
import { LogsApi } from "../src/core/engine/sources/logs-api.ts";
import { openEngineLog } from "../src/core/engine/sources/open-engine-log.ts";
import { LineSplitter } from "../src/core/log/line-splitter.ts";
import { testImage } from "../test/helpers/engine.ts";
import { engineForBench, machine, median, sideBySide } from "./side-by-side.ts";

const lines = 1_000_000;
const lineBytes = 103; // newline included
const rounds = Number(process.env["ROUNDS"] ?? 5);
const driver = process.env["DRIVER"] ?? "json-file";

const host = await engineForBench();
const engine = createEngine(host);
const container = await engine.docker.createContainer({
  Image: testImage,
  Cmd: ["sh", "-c", `seq -w ${lines} | sed 's/$/ ${"x".repeat(lineBytes - 9)}/'`],
  HostConfig: {
    NetworkMode: "none",
    LogConfig: { Type: driver, Config: driver === "local" ? { "max-size": "1g" } : {} },
  },
});

/** Seconds from the first record to the last line. */
async function read(log: EngineLog): Promise<number> {
  const splitter = new LineSplitter({ tty: false });
  const startedMs = performance.now();
  let count = 0;
  for await (const item of log.read({ follow: false }, new AbortController().signal)) {
    if ("missing" in item) throw new Error(item.missing.reason);
    for (const { stream, bytes, seconds = 0, nanos = 0 } of item.records) {
      splitter.push(stream, bytes, { seconds, nanos });
    }
    count += splitter.take()?.count ?? 0;
  }
  if (count !== lines) throw new Error(`${log.kind} gave ${count} lines`);
  return (performance.now() - startedMs) / 1000;
}

try {
  await container.start();
  await container.wait();
  const file = await openEngineLog(engine, await container.inspect());
  if (file.kind !== "log-file") throw new Error(file.limits);
  const results = await sideBySide(
    { "logs API": () => read(new LogsApi(container, "")), "log file": () => read(file) },
    rounds,
  );
  console.log(await machine(host));
  console.log(`${driver}: ${lines} lines x ${lineBytes} bytes, ${rounds} rounds, median seconds (all):`);
  for (const [name, seconds] of Object.entries(results)) {
    const all = seconds.map((one) => one.toFixed(2)).join(" ");
    const speed = (lines / median(seconds) / 1000).toFixed(0);
    console.log(`  ${name}  ${median(seconds).toFixed(2)} s  ${speed} k lines/s  (${all})`);
  }
  const ratio = median(results["logs API"] ?? []) / median(results["log file"] ?? []);
  console.log(`  the file is ${ratio.toFixed(1)} x as fast`);
} finally {
  await container.remove({ force: true });
}
