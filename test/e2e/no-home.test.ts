// A user whom the system does not know, with no home and no environment at all.
import { expect, test } from "bun:test";
import { Tasklog } from "../helpers/tasklog.ts";

const isRoot = process.getuid?.() === 0 && Bun.which("setpriv") !== null;
if (!isRoot) console.warn("SKIPPED: a user without a home: only root can become one, with setpriv");

test.skipIf(!isRoot)("commands work for a user without a home, or say what to do", async () => {
  await using t = await Tasklog.create();
  const bare = `cd /; exec setpriv --reuid 12345 --regid 12345 --clear-groups env -i "$TASKLOG"`;
  for (const command of [
    "ps --master 127.0.0.1:1",
    "config",
    "monitor x --docker-host unix:///nowhere.sock",
  ]) {
    const { stderr } = await t.shellLine(`${bare} ${command}`, { TASKLOG: t.executable }).ended;
    expect([command, stderr]).not.toEqual([command, expect.stringMatching(/homedir|should not happen/)]);
  }
});
