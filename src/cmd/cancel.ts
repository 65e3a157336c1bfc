// `tasklog cancel`: asks for the end of tasks. Does not wait for it; `monitor` does.
import { TasklogError } from "../core/base/errors.ts";
import { withMaster } from "./client.ts";
import { clientFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { printable } from "./output/printable.ts";
import { ReaderGone } from "./output/sink.ts";

export default defineCommand({
  meta: {
    name: "cancel",
    description:
      "Cancels tasks: SIGTERM, then SIGKILL after the task's stop time-out. Prints the id of each.",
  },
  args: {
    TASK: { type: "positional", multiple: true, required: true, description: "id, unique prefix or name" },
    force: { type: "boolean", alias: "f", description: "SIGKILL at once" },
    ...clientFlags,
  },
  examples: [
    { command: "tasklog cancel nightly", what: "by name" },
    { command: "tasklog cancel --force task-k3", what: "at once, by a unique prefix of the id" },
  ],
  notes: ["A task that has ended already is left as it is."],
  run: ({ args, session }) =>
    withMaster({ args, session }, async ({ client }) => {
      const failures: TasklogError[] = [];
      for (const task of args.TASK) {
        try {
          const { id } = await client.cancelTask({ task, force: args.force });
          await session.out.write(`${id}\n`);
        } catch (thrown) {
          if (thrown instanceof ReaderGone) throw thrown;
          const error = TasklogError.from(thrown);
          // The same would come for each of them: nobody is there to ask.
          if (error.code === "unavailable" || args.TASK.length === 1) throw error;
          await session.err.write(`tasklog: ${printable(error.message)}\n`);
          failures.push(error);
        }
      }
      return failures[0]?.exitCode ?? 0;
    }),
});
