// The log of a container of our own keeps all of it, whatever bounds the daemon has.
import { describe, expect, test } from "bun:test";
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { createEngine } from "../../../../src/core/engine/client/engine.ts";
import { logLimits } from "../../../../src/core/engine/containers/own-log.ts";
import { createDockerRuntime } from "../../../../src/core/worker/runtimes/docker/docker-runtime.ts";
import { startSecondEngine } from "../../../helpers/engine.ts";
import { dockerSpec } from "../../../helpers/engine-spec.ts";
import { newTaskId } from "../../worker/runtimes/runtime-contract.ts";
import { TakenLog } from "../takeover/taken-log.ts";

const isRoot = process.platform === "linux" && process.getuid?.() === 0;
const quiet = ["--iptables=false", "--ip-forward=false"];
const small = ["--log-opt=max-size=1m", "--log-opt=max-file=3"];
const lines = 100_000;

test.each([
  ["json-file", ""],
  ["local", ""],
  ["none", ""],
  ["journald", expect.stringContaining("(log driver journald)")],
])("the daemon's driver %s limits: %p", (driver, expected) => {
  expect(logLimits(driver)).toEqual(expected);
});

describe.if(isRoot)("a daemon with small bounds", () => {
  test.each([
    ["json-file", [...small, "--log-opt=mode=non-blocking", "--log-opt=compress=true"]],
    ["local", small],
    ["none", []],
  ])(
    "and the driver %s: a run that nobody was reading is there from its first line to its last",
    async (driver, options) => {
      await using engine = await startSecondEngine([...quiet, `--log-driver=${driver}`, ...options]);
      const runtime = createDockerRuntime({
        host: engine.host,
        workerId: "worker-log",
        logger: silentLogger,
      });
      const command = ["sh", "-c", `seq 1 ${lines}`];
      const run = await runtime.start(newTaskId(), dockerSpec({ command }));
      run.detach();
      await createEngine(engine.host).docker.getContainer(run.handle).wait();
      const log = new TakenLog();
      await log.read(await runtime.reopen(run.handle, log.taken));
      expect(log.gaps).toEqual([]);
      expect(log.lines.stdout).toEqual(Array.from({ length: lines }, (_, n) => String(n + 1)));
    },
    60_000,
  );

  test("one that ships logs elsewhere is left alone, and its tasks say what cannot be promised", async () => {
    await using engine = await startSecondEngine([
      ...quiet,
      "--log-driver=syslog",
      "--log-opt=syslog-address=udp://127.0.0.1:9",
    ]);
    const runtime = createDockerRuntime({ host: engine.host, workerId: "worker-log", logger: silentLogger });
    const run = await runtime.start(newTaskId(), dockerSpec({ command: ["true"] }));
    const { HostConfig } = await createEngine(engine.host).docker.getContainer(run.handle).inspect();
    expect(HostConfig.LogConfig?.Type).toBe("syslog");
    expect(run.limits).toContain("(log driver syslog)");
    await new TakenLog().read(run);
  }, 60_000);
});
