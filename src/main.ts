// The executable: argv, signals, exit codes. The only file that touches them. It loads next to nothing until it
// knows what is asked for, so that `--version` costs no more than starting a process.
//
// The exit code is set and the event loop left to end by itself: process.exit after a write to a pipe loses data.

import { readFileSync, writeSync } from "node:fs";
import type { InterruptHandler, Session } from "./cmd/framework/session.ts";
import { tasklogVersion } from "./core/base/version.ts";
import { startTimer } from "./core/base/wait.ts";

/** Nobody else's: a plugin, or a package that it uses, must not end a master without a word. */
const exit = process.exit.bind(process);
process.exit = (code) => {
  throw new Error(
    `it called process.exit(${code ?? ""}), which would end the master; throw an error instead`,
  );
};
/** The longest wait for what keeps the loop alive although the command is done, in ms. */
const lingerMs = 2000;
const signalNumbers = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGALRM: 14,
  SIGTERM: 15,
} as const;
const brokenPipeExitCode = 141;
const versionWords = new Set(["--version", "-V", "-v", "version"]);

async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && versionWords.has(argv[0] ?? "")) return printVersion();
  const [
    { replaceStandardStreams },
    { createStderr, createStdout, ReaderGone },
    { createLogger },
    { dispatch },
    { commandTable },
    { explain },
  ] = await Promise.all([
    import("./cmd/output/own-streams.ts"),
    import("./cmd/output/sink.ts"),
    import("./cmd/output/console-logger.ts"),
    import("./cmd/framework/dispatch.ts"),
    import("./cmd/commands.ts"),
    import("./cmd/framework/explain.ts"),
  ]);
  replaceStandardStreams();
  const err = createStderr();
  const interrupts = watchSignals();
  const session: Session = {
    env: process.env,
    out: createStdout(),
    err,
    logger: createLogger(err, process.env, () => session),
    signal: interrupts.signal,
    verbose: false,
    color: "auto",
    onInterrupt: interrupts.handle,
  };
  try {
    return await dispatch(commandTable, argv, session);
  } catch (thrown) {
    if (thrown instanceof ReaderGone) return brokenPipeExitCode;
    if (interrupts.exitCode !== undefined) return interrupts.exitCode;
    return await explain(thrown, session);
  }
}

/** Written at once and by itself: what the commands write through is not loaded for this. */
function printVersion(): number {
  try {
    writeSync(1, `${tasklogVersion}\n`);
    return 0;
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "EPIPE") return brokenPipeExitCode;
    writeSync(2, `tasklog: cannot write to stdout: ${message}\n`);
    return 125;
  }
}

/** The first signal is the command's if it wants it, else it asks all to leave; one more than that forces. */
function watchSignals() {
  const leave = new AbortController();
  let handler: InterruptHandler | undefined;
  let nth = 0;
  const state = {
    signal: leave.signal,
    exitCode: undefined as number | undefined,
    handle(next: InterruptHandler): Disposable {
      handler = next;
      return { [Symbol.dispose]: () => (handler = undefined) };
    },
  };
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (handler?.(++nth)) return;
      if (leave.signal.aborted) exit(128 + signalNumbers[name]);
      state.exitCode = 128 + signalNumbers[name];
      leave.abort(state.exitCode);
    });
  }
  // These mean tasklog and not its task: it leaves, and gives back the terminal. They would end it at once otherwise, and a
  // server's process tasks would be left alone.
  for (const name of ["SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM"] as const) {
    if (isIgnored(signalNumbers[name])) continue;
    process.on(name, () => {
      if (leave.signal.aborted) exit(128 + signalNumbers[name]);
      state.exitCode = 128 + signalNumbers[name];
      leave.abort(state.exitCode);
    });
  }
  return state;
}

/** True if whoever started us wants the signal to do nothing, as `nohup` does. */
function isIgnored(signal: number): boolean {
  try {
    const [, mask = "0"] = /^SigIgn:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return (BigInt(`0x${mask}`) & (1n << BigInt(signal - 1))) !== 0n;
  } catch {
    return false; // no /proc: not Linux
  }
}

process.exitCode = await main(process.argv.slice(2));
startTimer(() => exit(), lingerMs).unref();
