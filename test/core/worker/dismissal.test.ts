import { expect, test } from "bun:test";
import { silentLogger } from "../../../src/core/base/logger.ts";
import { startWorker } from "../../../src/core/worker/worker.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { until } from "../../helpers/until.ts";
import { MasterFixture } from "../master/master-fixture.ts";
import type { TestWorker } from "../master/test-worker.ts";

test("a worker that was taken once goes on trying when another has its id, and is back when that one is gone", async () => {
  await using fixture = await MasterFixture.start();
  await using dir = await tempDir();
  const said: string[] = [];
  await using worker = await startWorker({
    master: fixture.master.grpcAddress,
    dataDir: dir.path,
    name: "real",
    runtimes: ["process"],
    logger: { ...silentLogger, warn: (message: string) => void said.push(message) },
  });
  let dismissed = false;
  void worker.dismissed.then(() => {
    dismissed = true;
  });
  const connected = async (version: string): Promise<boolean> =>
    (await fixture.client.listWorkers()).some(
      (known) =>
        known.id === worker.id && known.connected && (known.version === "fake") === (version === "fake"),
    );
  await until("it has joined", () => connected("real"));
  let fake: TestWorker | undefined;
  const { grpcAddress } = fixture.master;
  await fixture.restart();
  // Whoever is first has the id; the other one is sent away.
  await until("the fake one has the id, and the real one was sent away", async () => {
    fake ??= await fixture.worker({ info: { id: worker.id, name: "real", version: "fake" } });
    if (fake.dismissed === undefined && said.some((message) => message.includes("rejected this worker")))
      return true;
    if (fake.dismissed === undefined) return false;
    await fake[Symbol.asyncDispose]();
    fake = undefined;
    await fixture.restart();
    return false;
  });
  expect(fixture.master.grpcAddress).toEqual(grpcAddress);
  expect(dismissed).toBe(false);
  await fake?.[Symbol.asyncDispose]();
  await until("the real one is back", () => connected("real"));
}, 60_000);
