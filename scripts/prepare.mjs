// What `npm start` and `npm test` do first on a fresh clone: packages, then the executable. Plain Node and no
// packages, because nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const bun = join(root, "node_modules/bun/bin/bun.exe"); // on every platform, that is how npm's bun names it
export const executable = join(root, "dist/tasklog");

const installMs = 10 * 60_000;
const buildMs = 5 * 60_000;

/** Installs when something is missing or stale, then builds. Throws an Error for a person. `say` gets one line a step. */
export function prepare(say) {
  if (!installed()) {
    say("installing packages …");
    install();
  }
  say("building dist/tasklog …");
  run(bun, ["scripts/build.ts"], buildMs, "the build failed");
}

/** True if node_modules holds what the lock file says, and its bun runs. */
function installed() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    const there = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8")).packages;
    const stale = Object.entries(wanted).some(
      ([path, { version, optional }]) =>
        path !== "" && there[path]?.version !== version && !(optional && there[path] === undefined),
    );
    return !stale && bunRuns();
  } catch {
    return false;
  }
}

/**
 * Installs what the lock file says, without install scripts: npm 11 holds them back anyway, npm 10 would try to compile an
 * optional native module. The one that is needed is bun's, which puts the runtime that has been installed in its place.
 */
function install() {
  const [command, ...npm] = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  run(command, [...npm, "ci", ...flags], installMs, "npm ci failed");
  if (!bunRuns()) {
    run(process.execPath, ["install.js"], installMs, "bun cannot be set up", join(root, "node_modules/bun"));
  }
  if (!bunRuns()) throw new Error("bun was installed but does not run on this machine");
}

function bunRuns() {
  if (!existsSync(bun)) return false;
  return spawnSync(bun, ["--version"], { stdio: "ignore", timeout: 30_000 }).status === 0;
}

/** Runs a command quietly; throws `failure` with what it printed when it fails. */
function run(command, args, timeout, failure, cwd = root) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, timeout, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(
    `${failure}${error ? ` (${error.message})` : ""}\n${stdout ?? ""}${stderr ?? ""}`.trimEnd(),
  );
}
