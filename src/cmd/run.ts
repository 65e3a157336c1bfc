// `tasklog run`: submits a task, shows what it prints, and leaves with its exit code.
import { randomUUID } from "node:crypto";
import type { Task } from "../core/rpc/gen/tasklog/v1/task.ts";
import { type MasterContext, withMaster } from "./client.ts";
import { clientFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import type { Session } from "./framework/session.ts";
import { showTask } from "./logs/show-task.ts";
import { exitCodeOf } from "./task/exit-code.ts";
import { specFlags, taskSpec } from "./task/task-spec.ts";

export default defineCommand({
  meta: {
    name: "run",
    description:
      "Runs a command in a container on one of the workers, shows what it prints, and leaves with its exit code.",
  },
  args: {
    IMAGE: { type: "positional", description: "image to run" },
    detach: { type: "boolean", alias: "d", description: "print the task's id and leave" },
    timestamps: { type: "boolean", description: "put the time before each line" },
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
      what: "start it and go on",
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
    "Ctrl-C cancels the task and waits for its end; a second one kills it at once; a third leaves it.",
    "Exit codes: the task's own; 124 time-out; 125 it could not be run; 126 the command cannot be executed; " +
      "127 there is no such command; 128+n ended by signal n; 141 the reader of stdout left (the task runs on); 2 usage.",
  ],
  run: ({ args, rest, session }) =>
    withMaster({ args, session }, async (context) => {
      const spec = taskSpec(args, args.IMAGE, rest, session.env);
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
      const completion = await showTask(context, session, task, {
        start: { $case: "fromSeq", value: 1 },
        follow: true,
        timestamps: args.timestamps,
        json: args.json,
        signal: session.signal,
      });
      return completion === undefined ? Number(session.signal.reason) : exitCodeOf(completion);
    }),
});

/** The first interrupt cancels the task, the second kills it, the third leaves it alone. */
function cancelOnInterrupt(session: Session, { client, styles }: MasterContext) {
  let task: Task | undefined;
  let wanted = 0;
  // On a terminal a status line and a ^C may stand where this is written.
  const anew = session.err.isTTY ? "\r\x1b[2K" : "";
  const say = (text: string) => void session.err.write(`${anew}${styles.err.dim(`tasklog: ${text}`)}\n`);
  const cancel = ({ id }: Task, force: boolean): void => {
    client.cancelTask({ task: id, force }).catch((error: unknown) => say(`cannot cancel ${id}: ${error}`));
  };
  const handler = session.onInterrupt((nth) => {
    wanted = nth;
    if (nth > 2 || (nth > 1 && task === undefined)) return false;
    if (task !== undefined) cancel(task, nth > 1);
    say(
      nth === 1
        ? "cancelling the task; Ctrl-C again kills it at once"
        : "killing the task; Ctrl-C again leaves it",
    );
    return true;
  });
  return {
    handler,
    submitted(submitted: Task): void {
      task = submitted;
      if (wanted > 0) cancel(task, wanted > 1);
    },
  };
}
