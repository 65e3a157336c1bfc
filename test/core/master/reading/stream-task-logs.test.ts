import { expect, test } from "bun:test";
import { TasklogError } from "../../../../src/core/base/errors.ts";
import { definePlugin, type PluginHost } from "../../../../src/core/master/plugins/plugin.ts";
import { MasterFixture } from "../master-fixture.ts";

test("abort - ends the stream of a finished task quietly, wherever it stands", async () => {
  const started = Promise.withResolvers<PluginHost>();
  const plugin = definePlugin({
    name: "viewer",
    description: "hands out its host",
    options: {},
    async start(host) {
      started.resolve(host);
      return { [Symbol.asyncDispose]: async () => {} };
    },
  });
  await using fixture = await MasterFixture.start({ plugins: [plugin] });
  const { streamTaskLogsUnified } = await started.promise;
  const worker = await fixture.worker();
  const { id } = await fixture.running(worker);
  worker.task(id).print("one");
  worker.task(id).finish();
  await fixture.until(id, ({ status }) => status === "success");
  for (let turns = 0; turns < 40; turns++) {
    const leave = new AbortController();
    const streaming = streamTaskLogsUnified(leave.signal, id, "ada", () => {});
    for (let turn = 0; turn < turns; turn++) await null;
    leave.abort();
    const failure = await streaming.then(
      () => undefined,
      (error: unknown) => TasklogError.from(error).code,
    );
    expect([turns, failure]).toEqual([turns, undefined]);
  }
});
