// `tasklog --version` against an empty Bun program compiled with the same flags: what our own start costs beyond what
// starting any such executable costs.
import { join } from "node:path";
import { tempDir } from "../test/helpers/temp-dir.ts";
import { machine, median, sideBySide } from "./side-by-side.ts";

const rounds = Number(process.env["ROUNDS"] ?? 40);
const executable = process.env["TASKLOG_BIN"] ?? join(import.meta.dir, "../dist/tasklog");
await using folder = await tempDir();
const empty = join(folder.path, "empty");
await Bun.write(`${empty}.ts`, "export {};\n");
const flags = ["--compile", "--minify", "--bytecode", "--format=esm"];
const autoload = ["dotenv", "bunfig", "package-json", "tsconfig"].map(
  (what) => `--no-compile-autoload-${what}`,
);
await Bun.$`${process.execPath} build ${flags} ${autoload} --outfile=${empty} ${empty}.ts`.quiet();

/** Milliseconds from the start of a process to its end. */
async function run(...argv: string[]): Promise<number> {
  const startedMs = performance.now();
  const child = Bun.spawn(argv, { cwd: folder.path, stdout: "pipe", stderr: "pipe" });
  if ((await child.exited) !== 0) throw new Error(`${argv.join(" ")} failed`);
  return performance.now() - startedMs;
}

const rivals = {
  "an empty program": () => run(empty),
  "tasklog --version": () => run(executable, "--version"),
  "tasklog --help": () => run(executable, "--help"),
};
await sideBySide(rivals, 3); // the files come into the page cache
const results = await sideBySide(rivals, rounds);

console.log(await machine());
const base = median(results["an empty program"] ?? []);
for (const [name, ms] of Object.entries(results)) {
  console.log(`  ${name.padEnd(18)} ${median(ms).toFixed(1)} ms   ${(median(ms) / base).toFixed(2)} x`);
}
