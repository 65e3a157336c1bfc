// `npm test`: installs what it needs, builds, finds a real Docker engine or starts a private one, then checks and tests: side by
// side in lanes what is independent, then what must not be disturbed, then once more what failed. Its last line is
// `N passed, N failed`, whatever happens, and it never hangs. Plain Node and no packages, because nothing is installed yet. It pulls
// no image and needs no network once the packages are there.
import { spawnSync } from "node:child_process";
import { provideChromium } from "./chromium.mjs";
import { findEngine, importBusybox, installEngine, startPrivateEngine } from "./engine.mjs";
import { failedFiles, planJobs, runCheck, runJobs } from "./groups.mjs";
import { prepare } from "./prepare.mjs";
import { provideSshd } from "./sshd.mjs";

const overallMs = 40 * 60_000; // about 12 minutes on two cores; a busy machine takes longer
/** Tests mostly wait, so more of them than there are cores can run at once; more than this, and they are late. */
const lanesMax = 3;

const check = { passed: 0, failed: 0 };
/** Each test file with how many of its tests passed and failed. */
const results = new Map();
/** Failures that belong to no test. */
let faults = 0;
const stop = new AbortController();
const engines = [];

const late = setTimeout(() => giveUp(`the tests took longer than ${overallMs / 60_000} minutes`), overallMs);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => giveUp(`ended by ${signal}`));

try {
  prepare(say);
  provideChromium(say);
  provideSshd(say);
  const host = await provideEngine();
  await group("check", async () => {
    const { output, ...counts } = await runCheck(stop.signal);
    Object.assign(check, counts);
    return counts.failed > 0 || stop.signal.aborted ? output : "";
  });
  const hosts = [host, ...(await moreEngines(lanesMax - 1))];
  const { aside, alone } = planJobs();
  await group(`tests in ${hosts.length} lanes`, () => runJobs(aside, hosts, results, stop.signal));
  await group("tests alone", () => runJobs(alone, [host], results, stop.signal));
  await runAgain(host);
} catch (thrown) {
  fail(thrown instanceof Error ? thrown.message : String(thrown));
} finally {
  clearTimeout(late);
  const ends = engines.map((engine) =>
    engine.stop().catch((thrown) => fail(`a private engine could not be ended: ${thrown.message}`)),
  );
  await Promise.all(ends);
}
const { passed, failed } = sum();
if (passed + failed + faults === 0) fail("no test was run");
process.exitCode = failed + faults === 0 ? 0 : 1;
console.log(`${passed} passed, ${failed + faults} failed`);

/**
 * Runs the files in which a test failed once more, one after the other, when nothing else runs. What passes then failed for want of
 * time or by chance, which is a bug of its own: it does not fail the run, and is said.
 */
async function runAgain(host) {
  const files = failedFiles(results);
  if (files.length === 0 || stop.signal.aborted) return;
  const jobs = files.map((file) => [file]);
  await group("what failed, run again", () => runJobs(jobs, [host], results, stop.signal));
  const still = failedFiles(results);
  for (const file of files) {
    if (!still.includes(file)) say(`FLAKY ${file}: failed, and passed when it was run again`);
  }
}

/** The DOCKER_HOST of an engine that has the test image. */
async function provideEngine() {
  let host = await findEngine();
  if (host === undefined) {
    say("no Docker engine answers: starting a private one …");
    installEngine();
    const engine = await startPrivateEngine();
    engines.push(engine);
    host = engine.host;
  }
  try {
    await importBusybox(host);
  } catch (thrown) {
    if (process.getuid?.() !== 0) throw thrown;
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const installed = ["update", "install -y --no-install-recommends busybox-static"].map((args) =>
      spawnSync("apt-get", args.split(" "), { env, stdio: "ignore" }),
    );
    if (installed.at(-1)?.status !== 0) throw thrown;
    await importBusybox(host);
  }
  return host;
}

/** Starts engines for further lanes, at most `count`; fewer, or none, where no engine can be started. */
async function moreEngines(count) {
  const starting = Array.from({ length: count }, async () => {
    installEngine();
    const engine = await startPrivateEngine();
    engines.push(engine);
    await importBusybox(engine.host);
    return engine.host;
  });
  const settled = await Promise.allSettled(starting);
  const fault = settled.find(({ status }) => status === "rejected")?.reason;
  if (fault !== undefined) say(`fewer tests run side by side: ${fault.message}`);
  return settled.flatMap(({ value }) => value ?? []);
}

/** Runs one group and prints its line, and before it what the group gives back: what was printed where something failed. */
async function group(name, run) {
  if (stop.signal.aborted) return;
  const startedMs = Date.now();
  const before = sum();
  const output = await run();
  if (output !== "") console.log(output.trimEnd());
  if (stop.signal.aborted) return;
  const after = sum();
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  say(
    `${name}: ${after.passed - before.passed} passed, ${after.failed - before.failed} failed (${seconds} s)`,
  );
}

/** How many tests have passed and failed so far. */
function sum() {
  const total = { ...check };
  for (const { passed, failed } of results.values()) {
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}

function giveUp(why) {
  if (stop.signal.aborted) return;
  fail(why);
  stop.abort();
}

function fail(why) {
  faults += 1;
  console.log(`FAIL ${why}`);
}

function say(line) {
  console.log(line);
}
