// Which specifications are refused, with which sentence, before a container is made.
import { describe, expect, test } from "bun:test";
import { toTaskSpec, validateSpec } from "../../../../src/core/master/tasks/check-spec.ts";
import type { DeepPartial, TaskSpec } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";

const largest = 128 * 1024 - 1;
const check = (asked: DeepPartial<TaskSpec>) => () =>
  validateSpec(toTaskSpec({ image: "busybox", command: ["true"], ...asked }));

describe("refused", () => {
  test.each<[DeepPartial<TaskSpec>, RegExp]>([
    [{ image: "a//b" }, /^the image "a\/\/b" has an empty part.*registry\/name:tag$/],
    [{ image: "/a" }, /has an empty part/],
    [{ image: "a/" }, /has an empty part/],
    [{ cpus: 0.001 }, /^0.001 CPUs are too few for a container; give at least 0.01$/],
    [{ cpus: 1e-9 }, /give at least 0.01$/],
    [{ cpus: -1 }, /is no number of CPUs/],
    [{ memoryBytes: 1000 }, /give at least 6m$/],
    [
      { env: ["A=1", `BIG=${"x".repeat(largest - 3)}`] },
      /^the variable "BIG" has 131072 bytes.*at most 131071/,
    ],
    [{ env: [`WIDE=${"漢".repeat(50_000)}`] }, /^the variable "WIDE" has 150005 bytes/],
    [{ command: ["echo", "x".repeat(largest + 1)] }, /^word 2 of the command has 131072 bytes/],
    [
      { tty: true, terminalRows: 65_536 },
      /^a terminal of 0 columns and 65536 rows is too large; each is at most 65535$/,
    ],
    [{ entrypoint: ["漢".repeat(50_000)] }, /^word 1 of the command has 150000 bytes/],
  ])("%#", (asked, sentence) => {
    expect(check(asked)).toThrow(sentence);
  });
});

test.each<[DeepPartial<TaskSpec>]>([
  [{ image: "registry.example:5000/a/b:tag" }],
  [{ cpus: 0.01 }],
  [{ cpus: 0 }],
  [{ env: [`BIG=${"x".repeat(largest - 4)}`] }],
  [{ command: ["echo", "x".repeat(largest)] }],
])("taken: %#", (asked) => {
  expect(check(asked)).not.toThrow();
});
