// `npm test`: installs what it needs, builds, finds a real Docker engine or starts a private one, then lint, types,
// unit, contract and end-to-end tests. Its last line is `N passed, N failed`, whatever happens, and it never hangs.
// Plain Node and no packages, because nothing is installed yet. It pulls no image and needs no network once the
// packages are there.
import { spawnSync } from "node:child_process";
import { provideChromium } from "./chromium.mjs";
import { findEngine, importBusybox, installEngine, startPrivateEngine } from "./engine.mjs";
import { runCheck, runTests } from "./groups.mjs";
import { prepare } from "./prepare.mjs";

const overallMs = 40 * 60_000; // about 17 minutes on two cores; a busy machine takes longer
const testMs = 120_000; // one test

const groups = [
  { name: "unit and contract tests", args: ["--path-ignore-patterns", "test/{e2e,faults}/**"] },
  { name: "end-to-end tests", args: ["test/e2e/"] },
  { name: "fault tests", args: ["test/faults/"] },
];

const total = { passed: 0, failed: 0 };
const stop = new AbortController();
let engine;

const late = setTimeout(() => giveUp(`the tests took longer than ${overallMs / 60_000} minutes`), overallMs);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => giveUp(`ended by ${signal}`));

try {
  prepare(say);
  provideChromium(say);
  const host = await provideEngine();
  await group("check", () => runCheck(stop.signal));
  for (const { name, args } of groups) {
    const env = { DOCKER_HOST: host };
    await group(name, () => runTests([`--timeout=${testMs}`, ...args], env, stop.signal));
  }
} catch (thrown) {
  fail(thrown instanceof Error ? thrown.message : String(thrown));
} finally {
  clearTimeout(late);
  await engine?.stop().catch((thrown) => fail(`the private engine could not be ended: ${thrown.message}`));
}
if (total.passed + total.failed === 0) fail("no test was run");
process.exitCode = total.failed === 0 ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed`);

/** The DOCKER_HOST of an engine that has the test image. */
async function provideEngine() {
  let host = await findEngine();
  if (host === undefined) {
    say("no Docker engine answers: starting a private one …");
    installEngine();
    engine = await startPrivateEngine();
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

/** Runs one group, adds it up, and prints its line; what it printed only when something failed. */
async function group(name, run) {
  if (stop.signal.aborted) return;
  const startedMs = Date.now();
  const { passed, failed, output, flaky = [] } = await run();
  if (stop.signal.aborted) {
    total.passed += passed;
    console.log(output.trimEnd());
    return;
  }
  total.passed += passed;
  total.failed += failed;
  if (failed > 0 || flaky.length > 0) console.log(output.trimEnd());
  for (const file of flaky) say(`FLAKY ${file}: failed, and passed when it was run again`);
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
  say(`${name}: ${passed} passed, ${failed} failed (${seconds} s)`);
}

function giveUp(why) {
  if (stop.signal.aborted) return;
  fail(why);
  stop.abort();
}

function fail(why) {
  total.failed += 1;
  console.log(`FAIL ${why}`);
}

function say(line) {
  console.log(line);
}
