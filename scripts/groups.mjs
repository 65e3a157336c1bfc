// Runs one group of `npm test` in a process group of its own, and says how many passed and failed. What a group
// prints is kept back and shown only when something failed: short when all is well, telling when not.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bun, root } from "./prepare.mjs";

const outputBytesMax = 4 * 1024 * 1024;
const leftoverMs = 2000;

/** The steps of scripts/check.ts; each is a test. */
export async function runCheck(signal) {
  const { code, output } = await collect([bun, "scripts/check.ts"], signal);
  const passed = output.match(/^ok /gm)?.length ?? 0;
  const failed = output.match(/^FAIL /gm)?.length ?? 0;
  return { passed, failed: failed > 0 || code === 0 ? failed : 1, output };
}

/**
 * `bun test` with `args`. Files in which a test failed are run once more, by themselves: what passes then failed for want of time
 * or by chance, which is a bug of its own. It does not fail the run, and is told in `flaky`.
 */
export async function runTests(args, env, signal) {
  const first = await runOnce(args, env, signal);
  if (first.failed === 0 || first.files.length === 0 || signal.aborted) return { ...first, flaky: [] };
  const timeout = args.filter((arg) => arg.startsWith("--timeout"));
  const again = await runOnce([...timeout, ...first.files], env, signal);
  const failed = Math.min(first.failed, again.failed);
  const output = `${first.output}\n${again.failed > 0 ? again.output : ""}`;
  const flaky = first.files.filter((file) => !again.files.includes(file));
  return { passed: first.passed + first.failed - failed, failed, output, flaky };
}

/** The counts are those of its JUnit report; a run that broke off counts as one failure more. `files`: where tests failed. */
async function runOnce(args, env, signal) {
  const dir = mkdtempSync(join(tmpdir(), "tasklog-report-"));
  const report = join(dir, "junit.xml");
  try {
    const flags = ["--only-failures", "--reporter=junit", `--reporter-outfile=${report}`];
    const { code, output } = await collect([bun, "test", ...flags, ...args], signal, env);
    const { tests, failures, skipped, files } = counts(report);
    const failed = failures > 0 || code === 0 ? failures : 1;
    return { passed: tests - failures - skipped, failed, files, output };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function counts(report) {
  let xml = "";
  try {
    xml = readFileSync(report, "utf8");
  } catch {
    // No report: it broke off before the end.
  }
  const all = /<testsuites[^>]*>/.exec(xml)?.[0] ?? "";
  const number = (name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(all)?.[1] ?? 0);
  const suites = xml.match(/<testsuite [^>]*>/g) ?? [];
  const failing = suites.filter((suite) => !suite.includes(' failures="0"'));
  const files = new Set(failing.map((suite) => / file="([^"]+)"/.exec(suite)?.[1] ?? ""));
  return {
    tests: number("tests"),
    failures: number("failures"),
    skipped: number("skipped"),
    files: [...files],
  };
}

/** Resolves when the command and all it started have ended. Abort kills its process group. */
function collect([command, ...args], signal, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    const add = (bytes) => {
      if (output.length < outputBytesMax) output += bytes;
    };
    child.stdout.on("data", add);
    child.stderr.on("data", add);
    const kill = () => {
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    };
    signal.addEventListener("abort", kill, { once: true });
    const done = (code) => {
      signal.removeEventListener("abort", kill);
      resolve({ code: code ?? -1, output });
    };
    child.on("error", (error) => {
      output += error.message;
      done(-1);
    });
    child.on("close", done);
    child.on("exit", (code) => {
      kill(); // whatever it left behind
      setTimeout(done, leftoverMs, code).unref(); // what left its process group may hold the pipes open
    });
  });
}
