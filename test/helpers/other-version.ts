// A tasklog of another version, made from this one's own sources with other numbers in them, to be run by Bun: so the
// meeting of two versions is tried with two real programs.
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

/** Puts the sources into `dir` and gives the command line that runs them. Its version is 9.9.9, its protocol 99. */
export async function otherVersion(dir: string): Promise<string[]> {
  await cp(join(root, "src"), join(dir, "src"), { recursive: true });
  await cp(join(root, "proto"), join(dir, "proto"), { recursive: true });
  await symlink(join(root, "node_modules"), join(dir, "node_modules"));
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  await writeFile(join(dir, "package.json"), JSON.stringify({ ...manifest, version: "9.9.9" }));
  const path = join(dir, "src/core/base/version.ts");
  const source = await readFile(path, "utf8");
  const changed = source.replace(/protocolVersion = \d+/, "protocolVersion = 99");
  if (changed === source) throw new Error(`${path} has no protocolVersion`);
  await writeFile(path, changed);
  return [process.execPath, join(dir, "src/main.ts")];
}
