// The arrows between the parts go one way (ARCHITECTURE.md). Type imports count: they are arrows, too.
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";

const src = join(import.meta.dir, "../src");
const paths = [...new Bun.Glob("**/*.ts").scanSync({ cwd: src })].filter((path) => !path.includes("/gen/"));
const sources = new Map<string, string>();
for (const path of paths.sort()) sources.set(path, await readFile(join(src, path), "utf8"));

/** Our own files as paths under src/, packages by their name. */
function importsOf(path: string, source: string): string[] {
  const found = source.matchAll(/^(?:import|export)\s(?:[^"]*?\sfrom\s+)?"([^"]+)"|\bimport\(\s*"([^"]+)"/gm);
  return [...found].map(([, name1, name2]) => {
    const name = name1 ?? name2 ?? "";
    return name.startsWith(".")
      ? normalize(join(dirname(path), name))
      : name.replace(/^((?:@[^/]+\/)?[^/]+).*/, "$1");
  });
}

/** "file -> import" for each import in files under `from` that is not `allowed`. */
function arrows(from: RegExp, allowed: (imported: string) => boolean): string[] {
  return [...sources]
    .filter(([path]) => from.test(path))
    .flatMap(([path, source]) => importsOf(path, source).map((imported) => [path, imported] as const))
    .filter(([, imported]) => !allowed(imported))
    .map(([path, imported]) => `${path} -> ${imported}`);
}

describe("imports", () => {
  test("core knows neither commands nor plugins, nor what belongs to them", () => {
    const outside = /^(?:cmd\/|plugins\/|main\.ts|citty$|consola$|ws$)/;
    expect(arrows(/^core\//, (imported) => !outside.test(imported))).toEqual([]);
  });

  test("core/log, the heart, knows nobody but the ground floor", () => {
    const known = /^(?:core\/(?:log|base)\/|node:|bun$|bun:)/;
    expect(arrows(/^core\/log\//, (imported) => known.test(imported))).toEqual([]);
  });

  test("core/base, the ground floor, knows nobody", () => {
    const known = /^(?:core\/base\/|node:|bun$|bun:|\.\.\/package\.json$)/;
    expect(arrows(/^core\/base\//, (imported) => known.test(imported))).toEqual([]);
  });

  test("core/engine knows only core/log and core/base, and it alone knows dockerode", () => {
    const known = /^(?:core\/(?:engine|log|base)\/|node:|bun$|bun:|dockerode$)/;
    expect(arrows(/^core\/engine\//, (imported) => known.test(imported))).toEqual([]);
    expect(arrows(/^(?!core\/engine\/)/, (imported) => imported !== "dockerode")).toEqual([]);
  });

  test("a plugin knows core and itself, and no other plugin", () => {
    const strangers = (path: string, imported: string) =>
      imported.startsWith("cmd/") ||
      (imported.startsWith("plugins/") && imported.split("/")[1] !== path.split("/")[1]);
    const found = [...sources]
      .filter(([path]) => path.startsWith("plugins/"))
      .flatMap(([path, source]) =>
        importsOf(path, source)
          .filter((imported) => strangers(path, imported))
          .map((imported) => `${path} -> ${imported}`),
      );
    expect(found).toEqual([]);
  });

  test("only main.ts touches argv, signals and the exit code", () => {
    const touches = /\bprocess\s*\.\s*(?:argv|exitCode|exit\(|abort\(|(?:on|once)\(\s*"SIG)/;
    const found = [...sources].filter(([path, source]) => path !== "main.ts" && touches.test(source));
    expect(found.map(([path]) => path)).toEqual([]);
  });
});
