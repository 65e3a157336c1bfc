// From the flags of `up`, `master` and `worker` to the options of what core starts.
import { TasklogError } from "../../core/base/errors.ts";
import type { WorkerOptions } from "../../core/worker/worker.ts";
import type { Settings } from "../config/settings.ts";
import type { logFlags, workerFlags } from "../flags.ts";
import type { Values } from "../framework/define-command.ts";

type RuntimeName = "docker" | "process";

export function ringOptions(args: Values<typeof logFlags>) {
  return {
    ringLinesMax: args["ring-lines"],
    ringBytesMax: args["ring-bytes"],
    batchLinesMax: args["batch-lines"],
  };
}

/** The worker options that `up` and `worker` share. Throws a usage error for an unknown runtime. */
export function workerOptions(
  args: Values<typeof workerFlags & typeof logFlags>,
  settings: Settings,
): Omit<WorkerOptions, "dataDir" | "logger" | "master" | "listen"> {
  return {
    ...(args.name !== undefined && { name: args.name }),
    labels: Object.fromEntries(args.label),
    slots: args.slots,
    runtimes: runtimes(args.runtime.flat()),
    // Without a setting the engine is looked for where engines are.
    ...(settings["docker-host"].origin !== "default" && { dockerHost: settings["docker-host"].value }),
    ...ringOptions(args),
    fsync: args.fsync,
    engineLogBytesMax: args["engine-log-max"],
    retention: {
      retainMs: args.retain,
      taskBytesMax: args["task-bytes-max"],
      storeBytesMax: args["store-bytes-max"],
      everyMs: args["retain-every"],
    },
  };
}

function runtimes(names: readonly string[]): RuntimeName[] {
  for (const name of names) {
    if (name !== "docker" && name !== "process") {
      throw new TasklogError("usage", `--runtime takes docker or process, not "${name}"`);
    }
  }
  return names.length === 0 ? ["docker"] : ([...new Set(names)] as RuntimeName[]);
}
