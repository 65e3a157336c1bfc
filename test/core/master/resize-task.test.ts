// The size of a task's terminal, as far as the master is concerned; test/e2e/terminal-size.test.ts has the rest.
import { expect, test } from "bun:test";
import { thrownBy } from "../rpc/thrown-by.ts";
import { MasterFixture } from "./master-fixture.ts";

test("a worker of a version that cannot resize refuses, and the task goes on; one that waits is left alone", async () => {
  await using fixture = await MasterFixture.start();
  const waiting = await fixture.submit({ tty: true });
  await fixture.client.resizeTask({ task: waiting.id, rows: 10, columns: 20 });
  const worker = await fixture.worker();
  const running = await fixture.running(worker, { tty: true });
  expect(
    await thrownBy(fixture.client.resizeTask({ task: running.id, rows: 10, columns: 20 })),
  ).toBeDefined();
  expect((await fixture.client.getTask(running.id)).status).toBe("running");
});
