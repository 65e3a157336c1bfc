// Runs one command in a process group of its own and keeps what it prints, so that it can be shown only if something failed.
import { spawn } from "node:child_process";
import { root } from "./prepare.mjs";

/** Enough to tell a failure; what is beyond repeats it. */
const outputBytesMax = 4 * 1024 * 1024;
/** How long what left the process group may hold the pipes open after the command's end. */
const leftoverMs = 2000;

/** Resolves to exit code and output when the command and all it started have ended. Abort kills its process group. */
export function runProcess([command, ...args], signal, env = {}) {
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
      setTimeout(done, leftoverMs, code).unref();
    });
  });
}
