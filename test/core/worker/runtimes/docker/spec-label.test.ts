import { expect, test } from "bun:test";
import { TaskSpec } from "../../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { fromSpecLabel, toSpecLabel } from "../../../../../src/core/worker/runtimes/docker/spec-label.ts";

const spec = TaskSpec.fromPartial({
  name: "nightly",
  image: "alpine",
  command: ["sh", "-c", "echo 'ü'"],
  env: ["TOKEN=secret"],
  webhooks: ["https://ci.example/hook?token=secret"],
  labels: { team: "a" },
  timeoutMs: 5000,
  stopTimeoutMs: 0,
  tty: true,
  keep: true,
});

test("a specification comes back from its label without what may be secret", () => {
  const label = toSpecLabel(spec);
  expect(label).not.toContain("secret");
  const labels = { team: "a", "dev.tasklog.task": "task-a" };
  expect(fromSpecLabel(label, labels)).toEqual({ ...spec, env: [], webhooks: [] });
});

test.each([undefined, "", "{", "no JSON"])("the label %j is none", (label) => {
  expect(fromSpecLabel(label)).toBeUndefined();
});

test("of a long command the label has the beginning only", () => {
  const long = { ...spec, command: ["sh", "-c", "x".repeat(100_000), "y".repeat(100_000)] };
  expect(toSpecLabel(long).length).toBeLessThan(6000);
  expect(fromSpecLabel(toSpecLabel(long))?.command[2]).toStartWith("xxxx");
});
