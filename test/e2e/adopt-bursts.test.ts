// Adopted containers that print faster than a small log of the engine holds, from their first millisecond on. It is run
// alone: on a machine that is busy with other things, files of the log come and go before one can be opened.
import { expect, test } from "bun:test";
import { AdoptableContainer } from "../helpers/adoptable-container.ts";
import { adopting, newName, numbers, untilEnded } from "../helpers/adopted-runs.ts";
import type { TaskJson } from "../helpers/tasklog.ts";

test.each(["json-file", "local"])(
  "containers that burst in their first milliseconds into a %s log of 1m x 3, one after the other: all lines",
  async (Type) => {
    const name = newName();
    await using t = await adopting(name);
    const host = { LogConfig: { Type, Config: { "max-size": "1m", "max-file": "3" } } };
    for (let burst = 0; burst < 5; burst++) {
      await using container = await AdoptableContainer.start("exec seq 1 200000", { name, host });
      const [{ id }] = (await untilEnded(t, name, burst + 1)).slice(-1) as [TaskJson];
      const { stdout, stderr } = await t.run("monitor", "--no-follow", "--tail", "all", id);
      expect(stderr).toBe("");
      expect(stdout).toBe(`${numbers(1, 200_000).join("\n")}\n`);
      await container.remove();
    }
  },
);
