import { expect, test } from "bun:test";
import {
  fromSpecLabel,
  specLabel,
  toContainerOptions,
} from "../../../../src/core/engine/containers/container-options.ts";
import { TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";

const spec = TaskSpec.fromPartial({
  name: "nightly",
  image: "alpine",
  command: ["sh", "-c", "echo 'ü'"],
  env: ["TOKEN=secret"],
  webhooks: ["https://ci.example/hook?token=secret"],
  labels: { team: "a", [specLabel]: "theirs" },
  timeoutMs: 5000,
  stopTimeoutMs: 0,
  tty: true,
  keep: true,
});

test("a container carries its specification without what may be secret, and gives it back", () => {
  const { Labels = {} } = toContainerOptions("task-a", "worker-1", spec, "ada");
  expect(Labels).toMatchObject({ team: "a", "dev.tasklog.user": "ada" });
  expect(JSON.stringify(Labels)).not.toContain("secret");
  expect(fromSpecLabel(Labels[specLabel])).toEqual({ ...spec, env: [], webhooks: [] });
});

test.each([undefined, "", "{", "no JSON"])("the label %j is none", (label) => {
  expect(fromSpecLabel(label)).toBeUndefined();
});
