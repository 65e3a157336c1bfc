// How `npm test` runs things: the check, and jobs of test files. Tests run side by side in lanes: a lane takes one job (a test file, or several quick ones) after the other from a
// common queue and has an engine of its own, so a test meets only containers of its own lane. What a job prints is kept
// back and shown only if something failed: short when all is well, telling when not.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bun, root } from "./prepare.mjs";
import { runProcess } from "./run-process.mjs";
import { aloneFiles, longFiles } from "./test-order.mjs";

/** One test, in ms. */
const testMs = 120_000;
/** Quick files in one process: enough to make its start cheap, few enough to be shared out evenly at the end. */
const quickFilesMax = 8;

/** Runs the steps of scripts/check.ts; each counts as a test. */
export async function runCheck(signal) {
  const { code, output } = await runProcess([bun, "scripts/check.ts"], signal);
  const passed = output.match(/^ok /gm)?.length ?? 0;
  const failed = output.match(/^FAIL /gm)?.length ?? 0;
  return { passed, failed: failed > 0 || code === 0 ? failed : 1, output };
}

/** The jobs of all test files, each a list of files: `aside` run side by side in this order, `alone` by themselves. */
export function planJobs() {
  const files = readdirSync(join(root, "test"), { recursive: true })
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => `test/${path}`)
    .sort();
  const alone = aloneFiles.filter((file) => files.includes(file));
  const long = longFiles.filter((file) => files.includes(file));
  const quick = files.filter((file) => !alone.includes(file) && !long.includes(file));
  const bundles = Array.from({ length: Math.ceil(quick.length / quickFilesMax) }, (_, index) =>
    quick.slice(index * quickFilesMax, (index + 1) * quickFilesMax),
  );
  return { aside: [...long.map((file) => [file]), ...bundles], alone: alone.map((file) => [file]) };
}

/**
 * Runs jobs in as many lanes as there are `hosts` (each the DOCKER_HOST of one). `results` holds how many tests of each file passed
 * and failed, and is brought up to date after each job. Resolves to what those jobs printed in which something failed, or which
 * were broken off.
 */
export async function runJobs(jobs, hosts, results, signal) {
  const queue = [...jobs];
  let output = "";
  const lane = async (host) => {
    for (let job = queue.shift(); job !== undefined && !signal.aborted; job = queue.shift()) {
      const done = await runJob(job, host, signal);
      for (const file of job) results.set(file, done.results.get(file) ?? { passed: 0, failed: 0 });
      if (failedFiles(done.results).length > 0 || signal.aborted) output += `${done.output.trimEnd()}\n`;
    }
  };
  await Promise.all(hosts.map(lane));
  return output;
}

/** The files in which a test failed. */
export function failedFiles(results) {
  return [...results].filter(([, { failed }]) => failed > 0).map(([file]) => file);
}

/**
 * Runs `bun test` on some files. The counts are those of its JUnit report. Where it broke off, or failed outside of a test, no file
 * is known to be well: each has one failure.
 */
async function runJob(files, host, signal) {
  const dir = mkdtempSync(join(tmpdir(), "tasklog-report-"));
  const report = join(dir, "junit.xml");
  try {
    const flags = [
      `--timeout=${testMs}`,
      "--only-failures",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
    ];
    const paths = files.map((file) => `./${file}`); // a path, not a pattern that may fit others, too
    const command = [bun, "test", ...flags, ...paths];
    const { code, output } = await runProcess(command, signal, { DOCKER_HOST: host });
    const results = countsOf(report);
    if (code === 0 || failedFiles(results).length > 0 || signal.aborted) return { results, output };
    for (const file of files) results.set(file, { passed: results.get(file)?.passed ?? 0, failed: 1 });
    return { results, output: `${output.trimEnd()}\n${files.join(" ")}: ended with exit code ${code}` };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** How many tests of each file passed and failed, by a JUnit report. Empty if there is none. */
function countsOf(report) {
  const results = new Map();
  if (!existsSync(report)) return results;
  for (const [suite] of readFileSync(report, "utf8").matchAll(/<testsuite [^>]*>/g)) {
    const value = (name) => new RegExp(` ${name}="([^"]*)"`).exec(suite)?.[1] ?? "";
    if (value("name") !== value("file")) continue; // a `describe`, which its file counts, too
    const [tests, failed, skipped] = ["tests", "failures", "skipped"].map((name) => Number(value(name)));
    results.set(value("file"), { passed: tests - failed - skipped, failed });
  }
  return results;
}
