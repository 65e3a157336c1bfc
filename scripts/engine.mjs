// The engine that tests and the demonstration run on: the one that answers, else a private dockerd of our own with
// its socket, data root and pid file in a temporary folder. Plain Node and no packages, because scripts/test.mjs needs
// it before anything is installed. It never touches an engine that it did not start, beyond importing one image.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { busyboxTar } from "./busybox-image.mjs";

export const testImage = "tasklog-test/busybox:latest";

/** No packet filter and no forwarding: it leaves this machine's network as it is. */
const quietNetwork = ["--iptables=false", "--ip-forward=false"];
/**
 * Only where no bridge can be made: a daemon with --bridge=none removes a `docker0` that it finds, and so takes the
 * network from every other engine of the machine (seen with 20.10).
 */
const noBridge = ["--bridge=none"];
const readyMs = 60_000;
const stopMs = 30_000;
const containerdEndMs = 2000;

/** The DOCKER_HOST form of an engine that answers here: the environment's, else the usual socket; else undefined. */
export async function findEngine() {
  for (const host of [process.env.DOCKER_HOST, "unix:///var/run/docker.sock"]) {
    if (host && (await answers(host))) return host;
  }
  return undefined;
}

/** Whether an engine answers at `host` (unix:// or plain tcp://) within two seconds. */
export async function answers(host) {
  try {
    return (await ask(host, "GET", "/_ping", undefined, 2000)).status === 200;
  } catch {
    return false;
  }
}

/** One call of the engine API. Rejects when nobody answers; the caller looks at the status. */
export function ask(host, method, path, body, timeoutMs = 60_000) {
  const target = host.startsWith("unix://")
    ? { socketPath: host.slice("unix://".length) }
    : { hostname: new URL(host).hostname, port: new URL(host).port };
  return new Promise((resolve, reject) => {
    const call = request({ ...target, method, path, timeout: timeoutMs }, (response) => {
      const parts = [];
      response.on("data", (part) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }),
      );
    });
    call.on("timeout", () => call.destroy(new Error(`no answer from ${host} within ${timeoutMs} ms`)));
    call.on("error", reject);
    if (body) call.setHeader("content-type", "application/x-tar");
    call.end(body);
  });
}

/** Makes `image` on the engine out of this host's static busybox, unless it is there already. */
export async function importBusybox(host, image = testImage) {
  if ((await ask(host, "GET", `/images/${image}/json`)).status === 200) return;
  const tar = busyboxTar();
  if (!tar) throw new Error("there is no static busybox on this machine: apt-get install busybox-static");
  const [repo, tag] = image.split(":");
  const answer = await ask(host, "POST", `/images/create?fromSrc=-&repo=${repo}&tag=${tag ?? "latest"}`, tar);
  if (answer.status !== 200 || answer.text.includes('"error"')) {
    throw new Error(`the engine at ${host} did not take the test image: ${answer.text.trim()}`);
  }
}

/** Installs what a private engine needs, as root on Debian; throws one sentence where that cannot be. */
export function installEngine() {
  const missing = [];
  if (!onPath("dockerd")) missing.push("docker.io");
  if (!busyboxTar()) missing.push("busybox-static");
  if (missing.length === 0) return;
  try {
    installPackages(missing);
  } catch (error) {
    throw new Error(`no Docker engine answers: start Docker, or set DOCKER_HOST (${error.message})`);
  }
}

/** Installs Debian packages that tests need. Root only. */
export function installPackages(missing) {
  if (process.getuid?.() !== 0 || !onPath("apt-get")) {
    throw new Error(
      `${missing.join(", ")} cannot be installed here: run this as root on Debian, or install it yourself`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = ["install", "-y", "--no-install-recommends", ...missing];
  if (apt(install, env).status === 0) return;
  apt(["update"], env);
  const second = apt(install, env);
  if (second.status !== 0)
    throw new Error(`apt-get could not install ${missing.join(", ")}: ${lastLine(second.stderr)}`);
}

/**
 * Starts a dockerd of our own and waits until it answers. `args` are added to its command line. The result can be
 * killed (-9) and started again on the same data; `stop()` ends it by its pid and removes its folder.
 */
export async function startPrivateEngine({ args = quietNetwork } = {}) {
  if (process.getuid?.() !== 0) throw new Error("a private Docker engine can only be started by root");
  const dir = mkdtempSync(join(tmpdir(), "tasklog-engine-"));
  const host = `unix://${dir}/docker.sock`;
  let daemon;

  const start = async () => {
    await forgetContainerd(dir);
    const log = openSync(join(dir, "log"), "a");
    const own = [
      "--data-root",
      `${dir}/data`,
      "--exec-root",
      `${dir}/exec`,
      "--pidfile",
      `${dir}/pid`,
      "-H",
      host,
    ];
    daemon = spawn("dockerd", [...own, ...args], { stdio: ["ignore", log, log], detached: true });
    daemon.unref();
    const started = daemon;
    started.on("error", () => {});
    const until = Date.now() + readyMs;
    while (!(await answers(host))) {
      if (ended(started) || Date.now() > until) {
        const why = existsSync(join(dir, "log")) ? lastLine(readFileSync(join(dir, "log"), "utf8")) : "";
        await end("SIGKILL");
        throw new Error(`the private Docker engine did not start: ${why} (its folder: ${dir})`);
      }
      await sleep(50);
    }
  };

  const end = async (signal) => {
    if (daemon && !ended(daemon)) {
      process.kill(daemon.pid, signal);
      const until = Date.now() + stopMs;
      while (!ended(daemon) && Date.now() < until) await sleep(20);
      if (!ended(daemon)) process.kill(daemon.pid, "SIGKILL");
    }
  };

  // A clean end of this process without stop() must not leave a daemon behind.
  const atExit = () => {
    if (daemon && !ended(daemon)) process.kill(daemon.pid, "SIGTERM");
  };
  process.once("exit", atExit);

  try {
    await start();
  } catch (thrown) {
    if (existsSync("/sys/class/net/docker0")) throw thrown;
    args = [...args, ...noBridge];
    await start();
  }
  return {
    host,
    dir,
    get pid() {
      return daemon.pid;
    },
    /** Ends the daemon at once, as a crash would; its containers' processes may live on. */
    kill: () => end("SIGKILL"),
    /** Ends the daemon by a signal: SIGTERM is what `systemctl restart docker` begins with. */
    end,
    start,
    async stop() {
      process.off("exit", atExit);
      await removeContainers(host);
      await end("SIGTERM");
      for (const pid of processesOf(dir)) endWithChildren(pid);
      for (const mount of mountsUnder(dir)) spawnSync("umount", ["-l", mount]);
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function removeContainers(host) {
  try {
    const listed = JSON.parse((await ask(host, "GET", "/containers/json?all=1")).text);
    await Promise.all(listed.map((one) => ask(host, "DELETE", `/containers/${one.Id}?force=1&v=1`)));
  } catch {
    // It answers no more: then it has nothing to remove.
  }
}

/**
 * A killed dockerd takes its containerd with it but leaves the pid file; the next one would take that process for
 * alive while it is still dying, or where nobody reaps it.
 */
async function forgetContainerd(dir) {
  const pidFile = `${dir}/exec/containerd/containerd.pid`;
  if (!existsSync(pidFile)) return;
  const pid = readFileSync(pidFile, "utf8").trim();
  const until = Date.now() + containerdEndMs;
  while (commandLine(pid) !== "") {
    if (Date.now() > until) return;
    await sleep(10);
  }
  rmSync(pidFile, { force: true });
}

/** containerd and its shims, where dockerd was killed and could not end them: they have our folder as an argument. */
const processesOf = (dir) =>
  readdirSync("/proc").filter((pid) => /^[0-9]+$/.test(pid) && commandLine(pid).includes(`${dir}/exec`));

function endWithChildren(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    for (const child of [...children.filter((text) => text !== ""), pid])
      process.kill(Number(child), "SIGKILL");
  } catch {
    // Gone already.
  }
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function mountsUnder(dir) {
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  const points = mounts.map((line) => line.split(" ")[1] ?? "");
  return points.filter((point) => point.startsWith(`${dir}/`)).reverse();
}

const ended = (child) => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
const apt = (args, env) => spawnSync("apt-get", args, { env, encoding: "utf8" });
const lastLine = (text) => text.trim().split("\n").at(-1) ?? "";
const onPath = (name) =>
  [...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin"].some((dir) => existsSync(join(dir, name)));
