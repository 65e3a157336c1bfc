// What clients ask plugins over Master.CallPlugin, and what becomes of what a plugin took.
import { expect, test } from "bun:test";
import { TasklogError } from "../../../../src/core/base/errors.ts";
import { untilAborted, within } from "../../../../src/core/base/wait.ts";
import { definePlugin, type Plugin, type PluginHost } from "../../../../src/core/master/plugins/plugin.ts";
import { MasterFixture } from "../master-fixture.ts";

const nothing: AsyncDisposable = { async [Symbol.asyncDispose]() {} };

function plugin(name: string, start: (host: PluginHost) => void): Plugin {
  return definePlugin({
    name,
    description: "",
    options: {},
    start: async (host) => {
      start(host as unknown as PluginHost);
      return nothing;
    },
  });
}

/** The failure of a promise that must fail. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable(),
    (error: unknown) => error,
  );

test("a plugin answers clients: JSON in, JSON out, its errors as they are, and who asks", async () => {
  const echo = plugin("echo", (host) => {
    host.answer("say", (input, { userId }) => ({ userId, input }));
    host.answer("nothing", () => undefined);
    host.answer("refuse", () => {
      throw new TasklogError("not_permitted", "not on a Sunday");
    });
    expect(() => host.answer("say", () => 1)).toThrow("the method say is answered already");
  });
  await using fixture = await MasterFixture.start({ plugins: [echo] });
  const { client } = fixture;
  const input = { text: "grüß\u0000e", list: [1, null] };
  expect(await client.callPlugin("echo", "say", input)).toEqual({ userId: "ada", input });
  expect(await client.callPlugin("echo", "say")).toEqual({ userId: "ada" });
  expect(await client.callPlugin("echo", "nothing")).toBeNull();
  expect(await failureOf(client.callPlugin("echo", "refuse"))).toMatchObject({
    code: "not_permitted",
    message: "not on a Sunday",
  });
  expect(await failureOf(client.callPlugin("echo", "sing"))).toMatchObject({
    code: "not_found",
    message: "the plugin echo does not answer sing; it answers say, nothing, refuse",
  });
  expect(await failureOf(client.callPlugin("ohce", "say"))).toMatchObject({
    code: "not_found",
    message: "the master runs no plugin ohce; start it with --plugins echo,ohce",
  });
});

test("a call ends for the plugin when its client has gone", async () => {
  const gone = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const patient = plugin("patient", (host) => {
    host.answer("wait", (_input, { signal }) => {
      signal.addEventListener("abort", () => gone.resolve(), { once: true });
      asked.resolve();
      return gone.promise;
    });
  });
  await using fixture = await MasterFixture.start({ plugins: [patient] });
  const leave = new AbortController();
  const call = failureOf(fixture.client.callPlugin("patient", "wait", undefined, { signal: leave.signal }));
  await asked.promise;
  leave.abort();
  await gone.promise;
  expect(await call).toMatchObject({ code: "aborted" });
});

test("what a plugin asks for after its end is refused, and a path it had is free again", async () => {
  const hosts: PluginHost[] = [];
  const late = plugin("late", (host) => {
    hosts.push(host);
    host.route("/late", {});
  });
  await using fixture = await MasterFixture.start({ plugins: [late] });
  await fixture.restart();
  const [first] = hosts as [PluginHost];
  expect(first.signal.aborted).toBe(true);
  for (const ask of [
    () => first.route("/later", {}),
    () => first.answer("later", () => 1),
    () => first.metrics.counter("later_total", ""),
    () => first.metrics.gauge("later", "", () => 1),
  ]) {
    expect(ask).toThrow("the plugin late has ended");
  }
  expect(await Array.fromAsync(first.events())).toEqual([]);
});

test("bounds - work that does not end is left behind after a time, or at an abort", async () => {
  const never = new Promise<never>(() => {});
  expect(await within(1000, "", Promise.resolve(1))).toBe(1);
  expect(await failureOf(within(10, "it was late", never))).toMatchObject({
    message: "it was late (0.01 s)",
  });
  const stop = new AbortController();
  expect(await untilAborted(Promise.resolve(1), stop.signal)).toBe(1);
  expect(await failureOf(untilAborted(Promise.reject(new Error("bad")), stop.signal))).toMatchObject({
    message: "bad",
  });
  const waiting = untilAborted(never, stop.signal);
  stop.abort();
  expect(await waiting).toBeUndefined();
  expect(await untilAborted(never, stop.signal)).toBeUndefined();
});
