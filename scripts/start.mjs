// `npm start`: installs what it needs, builds, starts `tasklog up` on a free port, runs a demonstration task, shows it
// through two monitors at once, and says what to try next. On a terminal `tasklog up` then stays until Ctrl-C; when
// stdout is no terminal this leaves with 0. Its data goes to a temporary folder that is removed at the end: a
// demonstration leaves nothing behind. Plain Node and no packages, because nothing is installed yet.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { demoImage } from "./demo-image.mjs";
import { findEngine } from "./engine.mjs";
import { executable, prepare } from "./prepare.mjs";

const readyMs = 20_000;
const stopMs = 15_000;
const interactive = process.stdout.isTTY === true;
const script = [
  'echo "hello from $(hostname): 6 steps to go"',
  "for step in 1 2 3 4 5 6; do",
  '  echo "step $step: working"',
  '  if [ $((step % 3)) = 0 ]; then echo "step $step: a warning, printed to stderr" >&2; fi',
  "  sleep 1",
  "done",
  "echo done",
].join("\n");

const dataDir = mkdtempSync(join(tmpdir(), "tasklog-demo-"));
const children = [];
let leave;
const left = new Promise((resolve) => {
  leave = resolve;
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => leave(signal));

try {
  prepare(console.log);
  await Promise.race([demonstrate(), left]);
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
} finally {
  await Promise.all(children.map(stop));
  rmSync(dataDir, { recursive: true, force: true });
}

async function demonstrate() {
  const where = await chooseRuntime();
  const [grpc, http] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
  const flags = ["--grpc", grpc, "--http", http, "--data-dir", dataDir, ...where.up];
  const env = { ...process.env, ...where.env, TASKLOG_MASTER: grpc };
  console.log(`\n$ tasklog up ${flags.join(" ")}`);
  const up = start(["up", ...flags], env, "tasklog up");
  await ready(up, grpc);

  const task = ["run", "--detach", "--name", "demo", ...where.run, "--", "sh", "-c", script];
  console.log(`$ tasklog run --detach --name demo ${[...where.run, "--", "sh -c '…'"].join(" ")}`);
  const run = spawnSync(executable, task, { env, encoding: "utf8", timeout: 60_000 });
  if (run.status !== 0) throw new Error(`the demonstration task could not be started: ${run.stderr}`);
  console.log(`${run.stdout.trim()}\n\n$ tasklog monitor demo   (twice at once)`);

  const [one, two] = await Promise.all([1, 2].map((n) => monitor(n, env)));
  if (one.code !== 0 || two.code !== 0) throw new Error(`the monitors left with ${one.code} and ${two.code}`);
  if (one.seen !== two.seen) throw new Error("the monitors did not see the same lines");
  console.log("\nBoth monitors saw the same lines, and left with the exit code of the task: 0.\n");
  sayWhatNext(grpc, where);
  if (interactive) await new Promise((resolve) => up.once("exit", resolve));
}

/** Containers where an engine answers and an image can be had, else plain processes; says which and why. */
async function chooseRuntime() {
  const host = await findEngine();
  if (host !== undefined) {
    const image = await demoImage(host, console.log);
    if (image !== undefined) return { up: [], run: [image], env: { DOCKER_HOST: host } };
    console.log("No image can be had, so the demonstration runs as a plain process.");
  } else {
    console.log("No Docker engine answers here, so the demonstration runs as a plain process.");
  }
  return { up: ["--runtime", "process"], run: ["--runtime", "process"], env: {} };
}

/** Runs one monitor; prints its lines behind its name: │ stdout, ┆ stderr. Resolves to its exit code and what it saw. */
async function monitor(number, env) {
  const child = start(["monitor", "demo"], env);
  const seen = { "│": "", "┆": "" };
  const colour = interactive ? `\u001b[3${number === 1 ? 6 : 5}m` : "";
  for (const [stream, mark] of [
    [child.stdout, "│"],
    [child.stderr, "┆"],
  ]) {
    const prefix = `${colour}monitor ${number} ${mark}${colour && "\u001b[0m"}`;
    createInterface({ input: stream }).on("line", (line) => {
      seen[mark] += `${line}\n`;
      console.log(`${prefix} ${line}`);
    });
  }
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, seen: Object.values(seen).join() };
}

/** Starts a tasklog; with a `name`, what it says on stderr is kept for the case that it fails. */
function start(args, env, name) {
  const child = spawn(executable, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  child.on("error", (error) => console.error(error.message));
  if (name !== undefined) {
    child.said = "";
    child.stdout.resume();
    child.stderr.on("data", (bytes) => {
      child.said = (child.said + bytes).slice(-4000);
    });
  }
  children.push(child);
  return child;
}

async function ready(up, grpc) {
  const env = { ...process.env, TASKLOG_MASTER: grpc };
  const until = Date.now() + readyMs;
  while (spawnSync(executable, ["workers", "--json"], { env }).stdout?.length === 0) {
    if (hasEnded(up)) throw new Error(`tasklog up ended:\n${up.said}`);
    if (Date.now() > until) throw new Error(`tasklog up was not ready within ${readyMs} ms:\n${up.said}`);
    await sleep(50);
  }
}

async function stop(child) {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGKILL"), stopMs);
  await ended;
  clearTimeout(late);
}

function sayWhatNext(grpc, where) {
  const lines = interactive
    ? ["tasklog is still running. Try in another terminal:", "", `  export TASKLOG_MASTER=${grpc}`]
    : [
        "Try it yourself:",
        "",
        "  dist/tasklog up                      # leave it running, and in another terminal:",
      ];
  lines.push(
    `  dist/tasklog run --name hello ${where.run.join(" ")} -- sh -c 'for i in 1 2 3; do echo "line $i"; sleep 1; done; exit 3'`,
    '  echo "exit code $?"                  # the exit code of the task',
    "  dist/tasklog ps                      # the tasks",
    "  dist/tasklog monitor hello           # the lines of a finished task, too",
    "  dist/tasklog --help",
  );
  if (interactive) lines.push("", "Ctrl-C ends it.");
  console.log(lines.join("\n"));
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}
