// The one `check`: lint (warnings are errors), types, unused code and dependencies, lock file, generated code, wire format.
// Prints one line a step, `ok …` or `FAIL …`, and what a failed step said. It changes nothing.
import { join } from "node:path";

const outputLinesMax = 60;
const root = join(import.meta.dir, "..");
const bin = (name: string) => join(root, "node_modules/.bin", name);

const steps: { name: string; command: string[]; cwd?: string }[] = [
  { name: "the page builds", command: [process.execPath, "scripts/build-page.ts"] },
  { name: "lint", command: [bin("biome"), "check", "--error-on-warnings", "--max-diagnostics=40", "."] },
  { name: "types", command: [bin("tsc"), "-p", "."] },
  { name: "types of the page", command: [bin("tsc"), "-p", "src/plugins/ws/page"] },
  {
    name: "unused code and dependencies",
    command: [process.execPath, "node_modules/knip/bin/knip.js", "--no-progress"],
  },
  { name: "lock file", command: [process.execPath, "scripts/lock-file.ts"] },
  {
    name: "rules of the source",
    command: [
      process.execPath,
      "test",
      "--only-failures",
      ...["imports", "waits", "constants", "comments"].map((name) => `test/${name}.test.ts`),
    ],
  },
  { name: "generated code is fresh", command: [process.execPath, "scripts/generate.ts", "--check"] },
  { name: "wire format", command: [bin("buf"), "lint"], cwd: "proto" },
];

/** Runs one step to its end and prints its line. */
async function passes(step: (typeof steps)[number]): Promise<boolean> {
  const startedMs = performance.now();
  const run = Bun.spawn(step.command, {
    cwd: join(root, step.cwd ?? "."),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [code, stdout, stderr] = await Promise.all([
    run.exited,
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
  ]);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok" : "FAIL"} ${step.name} (${seconds} s)`);
  if (code !== 0) console.log(shortened(`${stdout}${stderr}`.trimEnd()));
  return code === 0;
}

/** What is at the beginning matters: the rest often follows from it. */
function shortened(text: string): string {
  const lines = text.split("\n");
  if (lines.length <= outputLinesMax) return text;
  return `${lines.slice(0, outputLinesMax).join("\n")}\n… and ${lines.length - outputLinesMax} lines more`;
}

for (const step of steps) {
  if (!(await passes(step))) process.exitCode = 1;
}
