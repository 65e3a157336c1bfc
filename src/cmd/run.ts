// `tasklog run`: submits a task, shows what it prints, and exits with its exit code.

import { randomUUID } from "node:crypto";
import { TasklogError } from "../core/base/errors.ts";
import { sleep } from "../core/base/wait.ts";
import type { Task } from "../core/rpc/gen/tasklog/v1/task.ts";
import { type MasterContext, withMaster } from "./client.ts";
import { clientFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import type { Session } from "./framework/session.ts";
import { showTask } from "./logs/show-task.ts";
import { terminalSize, watchTerminalSize } from "./output/terminal-size.ts";
import { exitCodeOf } from "./task/exit-code.ts";
import { specFlags, taskSpec } from "./task/spec-from-flags.ts";

export default defineCommand({
  meta: {
    name: "run",
    description:
      "Runs a command in a container on one of the workers, shows what it prints, and exits with its exit code.",
  },
  args: {
    IMAGE: { type: "positional", description: "image to run" },
    detach: { type: "boolean", alias: "d", description: "print the task's id and exit" },
    timestamps: { type: "boolean", description: "put the time before each line" },
    raw: {
      type: "boolean",
      description: "also pass control sequences to the terminal (default: text and colours only)",
    },
    json: { type: "boolean", description: "print NDJSON: seq, time, stream, text, task" },
    ...specFlags,
    ...clientFlags,
  },
  flagsStopAtFirst: true,
  restName: "COMMAND",
  examples: [
    { command: "tasklog run alpine -- echo hello", what: "run a command" },
    {
      command: "tasklog run -e STAGE=test -v ./data:/data --memory 512m python:3 python /data/job.py",
      what: "as with docker run",
    },
    {
      command: "id=$(tasklog run -d --name nightly alpine -- sh -c 'sleep 60; date')",
      what: "start it in the background",
    },
    {
      command: "tasklog run --timeout 10m --constraint gpu=yes trainer > train.log",
      what: "stdout to a file, on a worker with a label",
    },
    {
      command: "tasklog run --runtime process -- make test",
      what: "a plain process on a worker that allows it",
    },
  ],
  notes: [
    "Flags stand before IMAGE; what follows it is the command, with or without --.",
    "Ctrl-C cancels the task and waits for its end; a second one kills it at once; a third exits and leaves the task running.",
    "Exit codes: the task's own; 124 time-out; 125 the task could not be run; 126 the command cannot be executed; " +
      "127 command not found; 128+n ended by signal n; 141 the reader of stdout closed (the task keeps running); 2 usage.",
  ],
  run: ({ args, rest, session }) =>
    withMaster({ args, session }, async (context) => {
      const asked = taskSpec(args, args.IMAGE, rest, session.env);
      // A task that nobody watches has no caller's terminal to fit.
      const spec = args.tty && !args.detach ? { ...asked, ...terminalSize(session.out) } : asked;
      const { client } = context;
      if (args.detach) {
        const { id } = await client.submitTask({ spec, requestId: randomUUID() }, session.signal);
        await session.out.write(`${id}\n`);
        return 0;
      }
      const cancelling = cancelOnInterrupt(session, context);
      using _handler = cancelling.handler;
      const task = await client.submitTask({ spec, requestId: randomUUID() }, session.signal);
      cancelling.submitted(task);
      using _size = args.tty
        ? watchTerminalSize(session.out, (rows, columns) => {
            // A master or worker of an older version has no such call, and the task may have ended.
            client.resizeTask({ task: task.id, rows, columns }).catch(() => {});
          })
        : undefined;
      const completion = await showTask(context, session, task, {
        start: { $case: "fromSeq", value: 1 },
        follow: true,
        timestamps: args.timestamps,
        json: args.json,
        raw: args.raw,
        signal: AbortSignal.any([session.signal, cancelling.givenUp]),
      });
      if (completion !== undefined) return exitCodeOf(completion);
      return cancelling.givenUp.aborted ? 125 : Number(session.signal.reason);
    }),
});

/** A cancel that the master did not hear is asked again this often, and given up after that (ms). */
const cancelRetryMs = 300;
const cancelTimeoutMs = 10_000;

/** The first interrupt cancels the task, the second kills it, the third leaves it alone. */
function cancelOnInterrupt(session: Session, { client, styles }: MasterContext) {
  let task: Task | undefined;
  let wanted = 0;
  // On a terminal a status line and a ^C may stand where this is written.
  const anew = session.err.isTTY ? "\r\x1b[2K" : "";
  const say = (text: string) => void session.err.write(`${anew}${styles.err.dim(`tasklog: ${text}`)}\n`);
  const givenUp = new AbortController();
  let isAsking = false;
  /**
   * Cancels the task and retries until the master has received it: it may be away now. Who waits too long for it
   * leaves.
   */
  const cancel = async ({ id }: Task): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    const startedMs = performance.now();
    for (let heard = 0; heard < wanted && !session.signal.aborted; ) {
      const force = wanted > 1;
      try {
        await client.cancelTask({ task: id, force });
        heard = force ? 2 : 1;
      } catch (thrown) {
        const error = TasklogError.from(thrown);
        if (error.code !== "unavailable") {
          say(`cannot cancel ${id}: ${error.message}`);
          break;
        }
        if (performance.now() - startedMs > cancelTimeoutMs) {
          say(`cannot cancel ${id}, it may still run: ${error.message}`);
          givenUp.abort();
          break;
        }
        await sleep(cancelRetryMs);
      }
    }
    isAsking = false;
  };
  const handler = session.onInterrupt((nth) => {
    wanted = nth;
    if (nth > 2 || (nth > 1 && task === undefined)) return false;
    if (task !== undefined) void cancel(task);
    say(
      nth === 1
        ? "cancelling the task; signal again to kill it at once"
        : "killing the task; Ctrl-C again leaves it",
    );
    return true;
  });
  return {
    handler,
    /** Aborts when the master could not be told to cancel. */
    givenUp: givenUp.signal,
    submitted(submitted: Task): void {
      task = submitted;
      if (wanted > 0) void cancel(task);
    },
  };
}
