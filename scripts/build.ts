// Builds the one executable: dist/tasklog, or with `--target linux-arm64` dist/tasklog-linux-arm64.
//
// The autoload flags matter: without them the executable would obey a .env, bunfig.toml or tsconfig.json of whatever
// folder it is started in, and a bunfig.toml can name code to run. package.json is read, because without it a plugin
// that is an installed package, or imports one, is not found; nothing of it is run. `--bytecode` needs
// `--format=esm`; the executable must never be stripped. The file is put in place by a rename, so that a
// tasklog that runs from dist/ is not disturbed. Nothing is downloaded: another platform's runtime comes from npm.
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildPage } from "./build-page.ts";

const root = join(import.meta.dir, "..");
const dist = join(root, "dist");
/** Each is started as a thread, and so is a program of its own in the executable. */
const threads = ["src/core/engine/files/file-scout-thread.ts", "src/core/base/output-thread.ts"];

/** Our name of a platform -> [Bun's name of it, its npm package, the file of the runtime in there]. */
const platforms: Record<string, [target: Bun.Build.CompileTarget, pkg: string, file: string]> = {
  "linux-x64": ["bun-linux-x64", "@oven/bun-linux-x64", "bin/bun"],
  "linux-arm64": ["bun-linux-arm64", "@oven/bun-linux-aarch64", "bin/bun"],
  "linux-x64-musl": ["bun-linux-x64-musl", "@oven/bun-linux-x64-musl", "bin/bun"],
  "linux-arm64-musl": ["bun-linux-arm64-musl", "@oven/bun-linux-aarch64-musl", "bin/bun"],
  "darwin-x64": ["bun-darwin-x64", "@oven/bun-darwin-x64", "bin/bun"],
  "darwin-arm64": ["bun-darwin-arm64", "@oven/bun-darwin-aarch64", "bin/bun"],
  "windows-x64": ["bun-windows-x64", "@oven/bun-windows-x64", "bin/bun.exe"],
};

/** Settings for another platform; throws with a sentence when its runtime is not installed. */
function targetOf(platform: string): { target: Bun.Build.CompileTarget; executablePath: string } {
  const known = platforms[platform];
  if (known === undefined) {
    throw new Error(`no such platform: ${platform}; one of ${Object.keys(platforms).join(", ")}`);
  }
  const [target, pkg, file] = known;
  const executablePath = join(root, "node_modules", pkg, file);
  if (!existsSync(executablePath)) {
    throw new Error(
      `the runtime is missing, get it first: npm install --no-save --force ${pkg}@${Bun.version}`,
    );
  }
  return { target, executablePath };
}

const withoutNativeParts: Bun.BunPlugin = {
  name: "without-native-parts",
  setup(build) {
    build.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace: "absent" }));
    build.onLoad({ filter: /.*/, namespace: "absent" }, ({ path }) => ({
      contents: `throw new Error(${JSON.stringify(`${path} is left out of the executable`)});`,
      loader: "js",
    }));
  },
};

async function build(platform: string | undefined): Promise<string> {
  const name = platform === undefined ? "tasklog" : `tasklog-${platform}`;
  const out = join(dist, platform?.startsWith("windows") ? `${name}.exe` : name);
  const fresh = join(dist, `.${name}-${process.pid}`);
  await mkdir(dist, { recursive: true });
  await buildPage();
  try {
    const built = await Bun.build({
      entrypoints: ["src/main.ts", ...threads].map((file) => join(root, file)),
      compile: {
        outfile: fresh,
        autoloadDotenv: false,
        autoloadBunfig: false,
        autoloadPackageJson: true,
        autoloadTsconfig: false,
        ...(platform === undefined ? {} : targetOf(platform)),
      },
      target: "bun",
      format: "esm",
      minify: true,
      bytecode: true,
      plugins: [withoutNativeParts],
      throw: false,
    });
    if (!built.success) throw new Error(`the build failed\n${built.logs.map(String).join("\n")}`);
    await rename(existsSync(fresh) ? fresh : `${fresh}.exe`, out);
  } finally {
    await rm(fresh, { force: true });
  }
  return out;
}

try {
  const { values } = parseArgs({ options: { target: { type: "string" } } });
  const out = await build(values.target);
  console.log(`${out.slice(root.length + 1)} ${(Bun.file(out).size / 1e6).toFixed(0)} MB`);
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
}
