// Turns proto/ into the typed code under src/core/rpc/gen, which is committed. With --check it changes
// nothing and fails when the committed code is not what proto/ gives now.
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const root = join(import.meta.dir, "..");
const gen = join(root, "src/core/rpc/gen");
const bin = join(root, "node_modules/.bin");

async function generateInto(out: string): Promise<void> {
  const template = (await readFile(join(root, "proto/buf.gen.yaml"), "utf8"))
    .replace("../node_modules/.bin", bin)
    .replace("../src/core/rpc/gen", out);
  const run = Bun.spawn(
    [join(bin, "buf"), "generate", "--template", JSON.stringify(Bun.YAML.parse(template))],
    {
      cwd: join(root, "proto"),
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  if ((await run.exited) !== 0) throw new Error("buf generate failed");
}

async function filesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(relative(folder, path), await readFile(path, "utf8"));
  }
  return files;
}

const fresh = await mkdtemp(join(tmpdir(), "tasklog-gen-"));
try {
  await generateInto(fresh);
  if (process.argv.includes("--check")) {
    const [now, committed] = [await filesOf(fresh), await filesOf(gen)];
    const stale = [...new Set([...now.keys(), ...committed.keys()])].filter(
      (f) => now.get(f) !== committed.get(f),
    );
    if (stale.length > 0) {
      console.error(`generated code is stale, run \`npm run generate\`: ${stale.join(", ")}`);
      process.exitCode = 1;
    }
  } else {
    await rm(gen, { recursive: true, force: true });
    await cp(fresh, gen, { recursive: true });
  }
} finally {
  await rm(fresh, { recursive: true, force: true });
}
