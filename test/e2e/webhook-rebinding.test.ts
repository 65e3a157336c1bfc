// DNS rebinding against the built executable: a name that is public when it is looked at and is not when it is called.
// In a network and a resolv.conf of their own (`unshare`), because a name server is asked at port 53.
import { expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "../helpers/temp-dir.ts";

setDefaultTimeout(60_000);

const world = ["--net", "--mount", "--", "sh", "-c"];
const canUnshare =
  spawnSync("unshare", [...world, "ip link set lo up && mount --bind /etc/hosts /etc/resolv.conf"]).status ===
  0;

const script = `
  ip link set lo up && ip address add 1.2.3.4/32 dev lo && ip address add 169.254.169.254/32 dev lo &&
  mount --bind "$0/resolv.conf" /etc/resolv.conf && mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf &&
  exec "$@"`;

test.skipIf(!canUnshare)("a name that answers differently the second time gains nothing", async () => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, "resolv.conf"), "nameserver 127.0.0.1\n");
  await writeFile(join(dir.path, "nsswitch.conf"), "hosts: files dns\n");
  const stage = join(import.meta.dir, "webhook-rebinding-stage.ts");
  const argv = [...world, script, dir.path, process.execPath, stage];
  const ended = Bun.spawn(["unshare", ...argv], { stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([
    new Response(ended.stdout).text(),
    new Response(ended.stderr).text(),
  ]);
  expect([await ended.exited, stderr]).toEqual([0, ""]);
  const { calls, reached } = JSON.parse(stdout);
  const blocked = (name: string) => ({
    name,
    code: 1,
    said: expect.stringContaining(`${name} does not lead to a public address`),
    asked: 1,
  });
  const taken = (name: string) => ({
    name,
    code: 0,
    said: expect.stringContaining("taken with 200"),
    asked: 1,
  });
  expect(calls).toEqual([
    // Asked once, called where that one answer pointed to.
    taken("metadata-after.test"),
    taken("loopback-after.test"),
    taken("in-turn.test"),
    blocked("both.test"),
    // The lie does reach the executable: what it is allowed to call, it does.
    taken("opened.test"),
    blocked("metadata-after.test"),
    blocked("loopback-after.test"),
    blocked("in-turn.test"),
  ]);
  expect(reached).toEqual({
    "1.2.3.4": ["metadata-after.test", "loopback-after.test", "in-turn.test"],
    "169.254.169.254": [],
    "127.0.0.1": ["opened.test"],
  });
});
