// `tasklog monitor CONTAINER` without a master and without an engine says why there is none, and what to do.
import { afterAll, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { Tasklog } from "../helpers/tasklog.ts";

const t = await Tasklog.create();
afterAll(() => t.close());
const isRoot = process.getuid?.() === 0 && Bun.which("setpriv") !== null;
if (!isRoot) console.warn("SKIPPED: a socket of another user: only root can become another, with setpriv");

async function reason(dockerHost: string, before = ""): Promise<string> {
  const line = `exec ${before} "$TASKLOG" monitor web`;
  const env = { TASKLOG: t.executable, DOCKER_HOST: dockerHost, TASKLOG_MASTER: "127.0.0.1:1" };
  const { code, stdout, stderr } = await t.shellLine(line, env).ended;
  expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({
    code: 125,
    stdout: "",
    lines: 1,
  });
  expect(stderr).toContain("127.0.0.1:1");
  return stderr;
}

test.each([
  [
    "unix:///nowhere/docker.sock",
    /no Docker engine answers at unix:\/\/\/nowhere.*DOCKER_HOST\): start it, or name another/,
  ],
  ["tcp://127.0.0.1:1", /no Docker engine answers at tcp:\/\/127.0.0.1:1 \(from DOCKER_HOST\): start it/],
  [
    "/var/run/docker.sock",
    /DOCKER_HOST is "\/var\/run\/docker.sock", which is no engine's address: use unix:/,
  ],
  ["unix:/", /DOCKER_HOST is "unix:\/", which is no engine's address: use unix:/],
  ["docker.example:2375", /DOCKER_HOST is "docker.example:2375", which is no engine's address/],
  ["tcp://", /DOCKER_HOST is "tcp:\/\/", which is no engine's address/],
])("DOCKER_HOST=%s", async (host, sentence) => {
  expect(await reason(host)).toMatch(sentence);
});

test.skipIf(!isRoot)("a socket that this user may not use", async () => {
  const path = t.path("docker.sock");
  const server = createServer().listen(path);
  await new Promise((listening) => server.once("listening", listening));
  try {
    await chmod(t.dir, 0o755);
    await chmod(path, 0o600);
    const other = "setpriv --reuid 12345 --regid 12345 --clear-groups";
    expect(await reason(`unix://${path}`, other)).toMatch(
      /may not be used by this user: add the user to the group/,
    );
  } finally {
    server.close();
  }
});
