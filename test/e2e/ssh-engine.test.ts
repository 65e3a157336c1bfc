// Engines behind ssh: the system's own ssh, with its settings, its known hosts and its words.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findSshd } from "../../scripts/sshd.mjs";
import { useEngine } from "../helpers/engine.ts";
import { type SshServer, startSshServer } from "../helpers/ssh-server.ts";
import { image, Tasklog } from "../helpers/tasklog.ts";

const engine = await useEngine();
const isThere = findSshd() !== undefined;
if (!isThere) console.warn("SKIPPED: engines behind ssh: there is no sshd (apt-get install openssh-server)");

describe.skipIf(!isThere)("an engine behind ssh", () => {
  let server: SshServer;
  let path: string;
  beforeAll(async () => {
    server = await startSshServer(engine);
    path = `${server.bin}:${process.env["PATH"]}`;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("an alias of ssh's own settings runs tasks; nothing is left of its connections", async () => {
    await using t = await Tasklog.create();
    Object.assign(t.env, { PATH: path, DOCKER_HOST: "ssh://far" });
    await t.up();
    const ended = await t.run("run", image, "--", "sh", "-c", "seq 1 5000; exit 3");
    expect([ended.code, ended.stdout.split("\n").length]).toEqual([3, 5001]);
  }, 120_000);

  test("a docker context with ssh is used, with its port", async () => {
    await using t = await Tasklog.create();
    const folder = join(t.dir, ".docker");
    const id = createHash("sha256").update("over").digest("hex");
    await mkdir(join(folder, "contexts/meta", id), { recursive: true });
    await writeFile(join(folder, "config.json"), JSON.stringify({ currentContext: "over" }));
    const Host = `ssh://root@127.0.0.1:${server.port}`;
    await writeFile(
      join(folder, "contexts/meta", id, "meta.json"),
      JSON.stringify({ Name: "over", Endpoints: { docker: { Host } } }),
    );
    Object.assign(t.env, { PATH: path });
    delete t.env["DOCKER_HOST"];
    await t.up();
    expect((await t.run("run", image, "--", "echo", "hello")).stdout).toBe("hello\n");
  }, 120_000);

  test("a changed host key is refused, in the words of ssh", async () => {
    await using t = await Tasklog.create();
    Object.assign(t.env, { PATH: path, DOCKER_HOST: `ssh://root@127.0.0.1:${server.port}` });
    expect((await t.run("monitor", "some-container")).stderr).toContain('no container "some-container"');
    await server.changeHostKey();
    const { code, stderr } = await t.run("monitor", "some-container");
    expect(code).toBe(125);
    expect(stderr).toContain("REMOTE HOST IDENTIFICATION HAS CHANGED");
    expect(stderr).toContain(`ssh://root@127.0.0.1:${server.port} (from DOCKER_HOST)`);
  }, 120_000);

  test("a host that refuses is told in the words of ssh", async () => {
    await using t = await Tasklog.create();
    Object.assign(t.env, { PATH: path, DOCKER_HOST: "ssh://127.0.0.1:1" });
    const { code, stderr } = await t.run("monitor", "some-container");
    expect([code, stderr.includes("Connection refused")]).toEqual([125, true]);
  }, 120_000);
});
