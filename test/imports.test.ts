// The rules of imports that ARCHITECTURE.md states, on all of src/, and that each of them can fail: a file is planted
// that breaks it.
import { describe, expect, test } from "bun:test";
import {
  circlesOfFiles,
  forbiddenArrows,
  importsOf,
  pluginsInTheLog,
  processOwners,
  readImportRules,
  readSources,
  type Sources,
  serverInTheBrowser,
  strayPackages,
  unusedArrows,
} from "./helpers/source-imports.ts";

const [sources, rules] = await Promise.all([readSources(), readImportRules()]);

const faultsIn = (all: Sources): string[] => [
  ...forbiddenArrows(all, rules),
  ...circlesOfFiles(all),
  ...strayPackages(all, rules),
  ...pluginsInTheLog(all),
  ...processOwners(all),
  ...serverInTheBrowser(all),
];

/** What planting these files breaks, beside what is broken already. */
function brokenBy(
  files: Record<string, string>,
  text = (name: string) => `import type { X } from "${name}";\n`,
): string[] {
  const before = new Set(faultsIn(sources));
  const planted = Object.entries(files).map(([path, name]): [string, string] => [path, text(name)]);
  return faultsIn(new Map([...sources, ...planted])).filter((fault) => !before.has(fault));
}

describe("imports", () => {
  test("src keeps the rules of ARCHITECTURE.md", () => {
    expect(faultsIn(sources)).toEqual([]);
  });

  test("the table of rooms allows nothing that nobody uses", () => {
    expect(unusedArrows(sources, rules)).toEqual([]);
    const padded = new Map([...rules.rooms, ["core/log", ["core/base", "core/master"]] as const]);
    expect(unusedArrows(sources, { ...rules, rooms: padded })).toEqual([
      expect.stringContaining("core/log imports nothing of core/master any more"),
    ]);
  });

  test("files of both kinds are read, and all of them", () => {
    expect(sources.has("plugins/ws/page/main.tsx")).toBe(true);
    expect(sources.has("core/engine/output.ts")).toBe(true);
    expect(sources.size).toBeGreaterThan(300);
  });
});

describe("each rule can fail", () => {
  test.each([
    [1, "core/base/planted.ts", "../log/line-batch.ts", "core/base may not import core/log"],
    [1, "core/log/planted.ts", "../engine/output.ts", "core/log may not import core/engine"],
    [1, "core/engine/planted.ts", "../worker/worker.ts", "core/engine may not import core/worker"],
    [1, "core/engine/planted.ts", "../rpc/gen/tasklog/v1/task.ts", "core/engine may not import core/rpc"],
    [1, "core/master/planted.ts", "../engine/output.ts", "core/master may not import core/engine"],
    [1, "core/master/planted.ts", "../worker/worker.ts", "core/master may not import core/worker"],
    [1, "core/worker/planted.ts", "../master/master.ts", "core/worker may not import core/master"],
    [1, "core/rpc/planted.ts", "../worker/worker.ts", "core/rpc may not import core/worker"],
    [1, "core/search/planted.ts", "../rpc/grpc-server.ts", "core/search may not import core/rpc"],
    [1, "core/worker/planted.ts", "../../cmd/up.ts", "core/worker may not import cmd"],
    [1, "core/master/planted.ts", "../../plugins/ws/index.ts", "core/master may not import plugins/ws"],
    [1, "cmd/framework/planted.ts", "../commands.ts", "cmd/framework may not import cmd"],
    [1, "cmd/output/planted.ts", "../framework/session.ts", "cmd/output may not import cmd/framework"],
    [1, "plugins/cli/planted.ts", "../ws/index.ts", "plugins/cli may not import plugins/ws"],
    [1, "plugins/ws/planted.ts", "../../cmd/up.ts", "plugins/ws may not import cmd"],
    [1, "plugins/ws/planted.ts", "../../core/master/master.ts", "plugins/ws may not import core/master"],
    [1, "plugins/ws/planted.ts", "../../core/rpc/gen/tasklog/v1/task.ts", "may not import core/rpc"],
    [
      1,
      "plugins/ws/page/planted.tsx",
      "../../../core/rpc/grpc-server.ts",
      "plugins/ws/page may not import core/rpc",
    ],
    [1, "core/other/planted.ts", "../base/errors.ts", "core/other/planted.ts is in no room of the table"],
    [3, "core/worker/planted.ts", "dockerode", "dockerode is for core/engine"],
    [3, "core/worker/planted.ts", "@grpc/grpc-js/build/src/call", "@grpc/grpc-js is for core/rpc"],
    [3, "core/master/planted.ts", "citty", "citty is for cmd/framework"],
    [3, "core/log/planted.ts", "left-pad", "left-pad is for no room of the table"],
    [3, "plugins/ws/page/planted.tsx", "node:fs", "node:fs is for *"],
    [4, "plugins/ws/planted.ts", "../../core/log/task-log-broadcaster.ts", "plugins/ws/planted.ts ->"],
  ])("rule %i: %s imports %s", (rule, path, name, message) => {
    const found = brokenBy({ [path]: name });
    expect(found).toEqual([expect.stringContaining(message)]);
    expect(found[0]).toStartWith(`ARCHITECTURE.md, import rule ${rule} is broken: `);
  });

  test.each([
    ["two files", { "core/base/a.ts": "./b.ts", "core/base/b.ts": "./a.ts" }],
    ["a component", { "plugins/ws/page/a.tsx": "./b.tsx", "plugins/ws/page/b.tsx": "./a.tsx" }],
    ["three files", { "core/base/a.ts": "./b.ts", "core/base/b.ts": "./c.ts", "core/base/c.ts": "./a.ts" }],
    ["a file and itself", { "core/base/a.ts": "./a.ts" }],
  ])("rule 2: a circle of %s", (_what, files) => {
    const paths = Object.keys(files);
    expect(brokenBy(files)).toEqual([
      `ARCHITECTURE.md, import rule 2 is broken: ${[...paths, paths[0]].join(" -> ")}`,
    ]);
  });

  test("rule 5: another file ends the process", () => {
    const found = brokenBy({ "core/worker/planted.ts": "process.exit(1);\n" }, (text) => text);
    expect(found).toEqual(["ARCHITECTURE.md, import rule 5 is broken: core/worker/planted.ts"]);
  });

  test.each([
    [`import { X } from "../line-json.ts";`, ["plugins/ws/page/planted.ts -> plugins/ws/line-json.ts"]],
    [
      `import { X } from "../../../core/base/data-lock.ts";`,
      [expect.stringMatching(/^core\/base.* -> (?:node|bun):/)],
    ],
    [`import type { X } from "../line-json.ts";`, []],
  ])("rule 6: the page has %j in it", (source, faults) => {
    const prefix = "ARCHITECTURE.md, import rule 6 is broken: ";
    const found = brokenBy({ "plugins/ws/page/planted.ts": source }, (text) => text);
    expect(found.every((fault) => fault.startsWith(prefix))).toBe(true);
    expect(found.map((fault) => fault.slice(prefix.length)).slice(0, 1)).toEqual(faults);
  });

  test.each([
    [`import { a } from "./b.ts";`, ["core/b.ts"]],
    [`import {\n  a,\n  type B as C,\n} from "../b.ts";`, ["b.ts"]],
    [`import type * as all from "./b.ts";`, ["core/b.ts"]],
    [`import d, { e } from './b.ts';`, ["core/b.ts"]],
    [`import "./b.ts";`, ["core/b.ts"]],
    [`export * from "./b.ts";`, ["core/b.ts"]],
    [`export { a } from "./b.ts";`, ["core/b.ts"]],
    ["const { a } = await import(`./b.ts`);", ["core/b.ts"]],
    [`type A = import("./b.ts").A;`, ["core/b.ts"]],
    [`new Worker(new URL("./b.ts", import.meta.url));`, ["core/b.ts"]],
    [`import { a } from "@grpc/grpc-js/build/src/call";`, ["@grpc/grpc-js"]],
    [`export const text = "it came from"; // "./b.ts"`, []],
  ])("%j imports %j", (source, imported) => {
    expect(importsOf("core/a.ts", source)).toEqual(imported);
  });
});
