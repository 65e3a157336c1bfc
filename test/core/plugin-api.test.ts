// What a stranger's plugin gets for `import … from "tasklog/plugin"` is what the package offers under that name.
import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPlugin } from "../../src/core/master/plugins/plugin-loading.ts";
import * as pluginApi from "../../src/core/plugin-api.ts";
import { tempDir } from "../helpers/temp-dir.ts";

test("a file outside gets every value of core/plugin-api.ts from tasklog/plugin", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, "curious.ts");
  await writeFile(
    file,
    `import * as offered from "tasklog/plugin";
     export default {
       name: "curious",
       description: Object.keys(offered).sort().join(" "),
       options: {},
       start: async () => ({ [Symbol.asyncDispose]: async () => {} }),
     };`,
  );
  const { plugin } = await loadPlugin(file, {});
  expect(plugin.description).toBe(Object.keys(pluginApi).sort().join(" "));
});

test("the package offers core/plugin-api.ts as tasklog/plugin", async () => {
  const { exports } = (await import("../../package.json")).default;
  expect(exports["./plugin"]).toBe("./src/core/plugin-api.ts");
});
