// Which containers `--adopt` means, and what their runs are called.
import { describe, expect, test } from "bun:test";
import { ownContainerId } from "../../../../src/core/engine/containers/own-container.ts";
import { type Named, parseAdoptRules } from "../../../../src/core/worker/adopt/adopt-rules.ts";
import { containerTitle } from "../../../../src/core/worker/adopt/container-title.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";

const web: Named = { container: "shop-web-1", title: "shop/web", labels: { tier: "front", empty: "" } };

describe("adopt rules", () => {
  test.each([
    [["all"], true],
    [["name~^shop-"], true],
    [["name~^shop/web$"], true],
    [["name~^web"], false],
    [["name~(?i)WEB"], true],
    [["label=tier"], true],
    [["label=empty"], true],
    [["label=tier=front"], true],
    [["label=tier=back"], false],
    [["label=tier="], false],
    [["label=empty="], true],
    [["label=other"], false],
    [["label=toString"], false],
    [["name~^web", "label=tier"], true],
    [["name~^web", "label=other"], false],
  ])("%j is %p of shop/web", (rules, expected) => {
    expect(parseAdoptRules(rules)?.(web)).toBe(expected);
  });

  test("no rule follows nothing", () => {
    expect(parseAdoptRules([])).toBeUndefined();
  });

  const marked = { "dev.tasklog.task": "task-1a2b3c4d5e6f", "dev.tasklog.worker": "worker-1" };
  test.each([
    ["a task's container", "task-1a2b3c4d5e6f", marked, false],
    ["a container of an image that was made of a task's", "busy_curie", marked, true],
    ["one that is to be left out", "busy_curie", { "dev.tasklog.ignore": "" }, false],
  ])("all is right about %s", (_, container, labels, expected) => {
    expect(parseAdoptRules(["all"])?.({ container, title: container, labels })).toBe(expected);
  });
});

describe("title of a container", () => {
  const compose = (number: string, more = {}) => ({
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": "web",
    "com.docker.compose.container-number": number,
    ...more,
  });
  const swarm = (task: string) => ({
    "com.docker.swarm.service.name": "my.web",
    "com.docker.swarm.task.name": task,
  });

  test.each([
    ["proud_curie", {}, "proud_curie"],
    ["shop-web-1", compose("1"), "shop/web"],
    ["shop-web-12", compose("12"), "shop/web-12"],
    ["shop-web-run-2f3", compose("1", { "com.docker.compose.oneoff": "True" }), "shop-web-run-2f3"],
    ["shop-web-1", compose("1", { "com.docker.compose.oneoff": "False" }), "shop/web"],
    ["shop", { "com.docker.compose.project": "shop" }, "shop"],
    ["my.web.1.x3k", swarm("my.web.1.x3k"), "my.web"],
    ["my.web.3.x3k", swarm("my.web.3.x3k"), "my.web.3"],
    ["my.web.node7.x3k", swarm("my.web.node7.x3k"), "my.web"],
  ])("%s with %j is %s", (container, labels, title) => {
    expect(containerTitle(container, labels)).toBe(title);
  });
});

test("the container that a process is in shows in its mounts, and another's does not", async () => {
  await using dir = await tempDir();
  const [own, other] = ["a".repeat(64), "b".repeat(64)];
  const file = `${dir.path}/mountinfo`;
  const inside = `635 620 0:52 / / rw - overlay overlay rw
642 635 254:1 /var/lib/docker/containers/${own}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw
643 635 254:1 /var/lib/docker/containers/${own}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw\n`;
  const outside = `30 1 254:1 / / rw - ext4 /dev/vda1 rw
99 30 0:52 / /var/lib/docker/containers/${other}/mounts/shm rw - tmpfs shm rw
98 30 254:1 /var/lib/docker/containers/${other}/hostname /mnt/hostname rw - ext4 /dev/vda1 rw\n`;
  await Bun.write(file, inside);
  expect(ownContainerId(file)).toBe(own);
  await Bun.write(file, outside);
  expect(ownContainerId(file)).toBeUndefined();
  expect(ownContainerId(`${dir.path}/nothing`)).toBeUndefined();
});
