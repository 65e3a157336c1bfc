import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { faultsOf, type LockFile } from "../../scripts/lock-file.ts";

const root = join(import.meta.dir, "../..");
const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
const text = await readFile(join(root, "package-lock.json"), "utf8");

/** The faults of our own lock file after `change`. */
function faultsAfter(change: (packages: LockFile["packages"]) => void): string[] {
  const lockFile = JSON.parse(text);
  change(lockFile.packages);
  return faultsOf(lockFile, manifest);
}

test("lock file - ours is whole", () => {
  expect(faultsAfter(() => undefined)).toEqual([]);
});

const changes: [name: string, change: (packages: LockFile["packages"]) => void, fault: string][] = [
  [
    "a package of another platform is left out",
    (packages) => delete packages["node_modules/@biomejs/cli-win32-arm64"],
    "node_modules/@biomejs/biome needs @biomejs/cli-win32-arm64, which is not listed",
  ],
  [
    "a package has an address",
    (packages) =>
      Object.assign(packages["node_modules/ws"] ?? {}, { resolved: "https://registry.test/ws.tgz" }),
    "node_modules/ws has an address to download from",
  ],
  [
    "package.json names another version",
    (packages) => Object.assign(packages[""]?.dependencies ?? {}, { ws: "8.0.0" }),
    "the dependencies are not those of package.json",
  ],
  [
    "another version is listed than is needed",
    (packages) => Object.assign(packages["node_modules/ws"] ?? {}, { version: "7.0.0" }),
    "package.json needs ws 8.23.0, but 7.0.0 is listed",
  ],
  [
    "a package has no checksum",
    (packages) => Object.assign(packages["node_modules/ws"] ?? {}, { integrity: undefined }),
    "node_modules/ws has no checksum",
  ],
  [
    "a package comes from an address",
    (packages) =>
      Object.assign(packages["node_modules/ws"] ?? {}, { dependencies: { a: "git+ssh://host.test/a" } }),
    "node_modules/ws takes a from an address",
  ],
];

for (const [name, change, fault] of changes) {
  test(`lock file - it is a fault that ${name}`, () => {
    expect(faultsAfter(change)).toContain(fault);
  });
}

test("lock file - a package is looked up in the folder of who needs it, then above", () => {
  const entry = { version: "1.0.0", integrity: "sha512-x" };
  const packages = {
    "": {},
    "node_modules/a": { ...entry, dependencies: { b: "^2.0.0", c: "^1.0.0" } },
    "node_modules/a/node_modules/b": { ...entry, version: "2.1.0", dependencies: { c: "1.x" } },
    "node_modules/b": entry,
    "node_modules/c": entry,
  };
  expect(faultsOf({ packages }, {})).toEqual([]);
});
