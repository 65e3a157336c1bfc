// `tasklog worker`: starts tasks on a Docker host, reads them and keeps their logs.
import { join } from "node:path";
import { TasklogError } from "../core/base/errors.ts";
import { formatAddress, parseAddress, requireLoopback } from "../core/rpc/link/addresses.ts";
import { stylesOf } from "./client.ts";
import { loadSettings } from "./config/settings.ts";
import { clientFlags, dataDirFlag, insecureFlag, logFlags, workerFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { address } from "./framework/flag-values.ts";
import { workerOptions } from "./server/server-options.ts";
import { untilAskedToLeave } from "./server/until-asked-to-leave.ts";

const { master: masterFlag, ...everywhereFlags } = clientFlags;

export default defineCommand({
  meta: {
    name: "worker",
    description:
      "Starts a worker on a Docker host: it starts tasks, reads them and keeps their logs. It dials its master and needs no open port.",
  },
  args: {
    master: { ...masterFlag, description: "the master to join (see `tasklog config`)", group: "Listening" },
    listen: {
      type: "string",
      valueHint: "HOST:PORT",
      parse: address,
      description: "listen here for a master that connects (master --worker)",
      group: "Listening",
    },
    ...workerFlags,
    ...dataDirFlag,
    ...logFlags,
    ...insecureFlag,
    ...everywhereFlags,
  },
  examples: [
    { command: "tasklog worker --master 127.0.0.1:7070", what: "join a master" },
    {
      command: "tasklog worker --master 10.0.0.5:7070 --insecure --label gpu=yes --slots 2",
      what: "on another host, with a label that tasks can require",
    },
    {
      command: "tasklog worker --adopt 'name~^web' --adopt label=com.docker.compose.project=shop",
      what: "also adopt containers that others start; tasklog only reads them",
    },
    {
      command: "tasklog worker --listen 127.0.0.1:7071",
      what: "for a master that connects: tasklog master --worker 127.0.0.1:7071",
    },
  ],
  notes: [
    "A worker that loses its master keeps reconnecting; its tasks keep running. Ctrl-C leaves containers running; they are picked up at the next start.",
  ],
  run: async ({ args, given, session }) => {
    const settings = loadSettings(session.env, args);
    if (given.has("listen") && given.has("master")) {
      throw new TasklogError(
        "usage",
        "--master and --listen are two ways to connect the same worker: give only one",
      );
    }
    const master =
      args.listen === undefined ? parseAddress(settings.master.value, settings.master.origin) : undefined;
    if (master !== undefined) requireLoopback(master, args.insecure, settings.master.origin);
    if (args.listen !== undefined) requireLoopback(args.listen, args.insecure, "--listen");
    const [{ startWorker }, { parseAdoptRules }] = await Promise.all([
      import("../core/worker/worker.ts"),
      import("../core/worker/adopt/adopt-rules.ts"),
    ]);
    await using worker = await startWorker({
      ...workerOptions(args, settings),
      adopt: parseAdoptRules(args.adopt),
      master,
      listen: args.listen,
      dataDir: join(settings["data-dir"].value, "worker"),
      logger: session.logger,
    });
    const style = stylesOf(settings, session).err;
    const where =
      worker.address === undefined
        ? `joining ${formatAddress(master ?? { host: "", port: 0 })}`
        : `listening at ${formatAddress(worker.address)}`;
    await session.err.write(`${style.green("✓")} worker ${style.bold(worker.name)} is ready, ${where}\n`);
    await untilAskedToLeave(session, worker.dismissed);
    return 0;
  },
});
