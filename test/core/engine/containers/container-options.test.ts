import { expect, test } from "bun:test";
import {
  type ContainerSpec,
  specLabel,
  toContainerOptions,
} from "../../../../src/core/engine/containers/container-options.ts";

const spec: ContainerSpec = {
  image: "alpine",
  command: ["sh", "-c", "echo 'ü'"],
  entrypoint: [],
  env: ["TOKEN=secret"],
  volumes: ["/srv:/srv", "/cache"],
  workdir: "",
  user: "",
  network: "",
  cpus: 0,
  memoryBytes: 0,
  gpus: "",
  labels: { team: "a", [specLabel]: "theirs" },
  tty: true,
  terminalRows: 0,
  terminalColumns: 0,
};

test("a container carries whose it is, whatever labels its task asks for", () => {
  const owner = { taskId: "task-a", workerId: "worker-1", userId: "ada", specText: "ours" };
  const { name, Labels = {}, Volumes, HostConfig } = toContainerOptions(spec, owner);
  expect(name).toBe("task-a");
  expect(Labels).toMatchObject({ team: "a", "dev.tasklog.user": "ada", [specLabel]: "ours" });
  expect(JSON.stringify(Labels)).not.toContain("secret");
  expect(Volumes).toEqual({ "/cache": {} });
  expect(HostConfig?.Binds).toEqual(["/srv:/srv"]);
});

test.each([
  [{}, [24, 80]],
  [{ terminalRows: 50, terminalColumns: 132 }, [50, 132]],
  [{ tty: false, terminalRows: 50, terminalColumns: 132 }, undefined],
])("a terminal has the size that was asked for, else the usual one: %j", (asked, size) => {
  const owner = { taskId: "task-a", workerId: "worker-1", specText: "" };
  expect(toContainerOptions({ ...spec, ...asked }, owner).HostConfig?.ConsoleSize).toEqual(size);
});
