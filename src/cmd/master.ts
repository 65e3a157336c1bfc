// `tasklog master`: knows tasks and workers, serves clients and plugins.
import { join } from "node:path";
import { formatAddress, requireLoopback } from "../core/rpc/link/addresses.ts";
import { stylesOf } from "./client.ts";
import { loadSettings } from "./config/settings.ts";
import { commonFlags, dataDirFlag, insecureFlag, logFlags, masterFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { address } from "./framework/flag-values.ts";
import { formatDuration } from "./output/quantities.ts";
import { ringOptions } from "./server/server-options.ts";
import { untilAskedToLeave } from "./server/until-asked-to-leave.ts";

export default defineCommand({
  meta: {
    name: "master",
    description:
      "Starts a master: it knows tasks and workers, and serves clients and plugins. Clients and workers use the same port.",
  },
  args: {
    ...masterFlags,
    worker: {
      type: "string",
      valueHint: "HOST:PORT",
      parse: address,
      multiple: true,
      description: "connect to a worker that listens at this address (worker --listen)",
    },
    ...dataDirFlag,
    ...logFlags,
    ...insecureFlag,
    ...commonFlags,
  },
  examples: [
    { command: "tasklog master", what: "on loopback; workers: tasklog worker --master 127.0.0.1:7070" },
    { command: "tasklog master --plugins cli", what: "and print what all tasks print" },
    {
      command: "tasklog master --grpc 10.0.0.5:7070 --insecure",
      what: "for other hosts, in a trusted network",
    },
  ],
  run: async ({ args, session }) => {
    const settings = loadSettings(session.env, args);
    requireLoopback(args.grpc, args.insecure, "--grpc");
    if (args.http !== undefined) requireLoopback(args.http, args.insecure, "--http");
    for (const worker of args.worker) requireLoopback(worker, args.insecure, "--worker");
    const [{ startMaster }, { builtins, pluginOptions, pluginUses, warnOfUnused }] = await Promise.all([
      import("../core/master/master.ts"),
      import("./plugins-registry.ts"),
    ]);
    const plugins = pluginUses(args.plugins);
    await using master = await startMaster({
      grpc: args.grpc,
      http: args.http,
      allowOrigins: args["allow-origin"],
      dataDir: join(settings["data-dir"].value, "master"),
      plugins,
      builtins,
      pluginOptions: pluginOptions(args["plugin-option"], settings.plugins),
      workers: args.worker,
      lostAfterMs: args["lost-after"],
      insecure: args.insecure,
      logger: session.logger,
      ...ringOptions(args),
    });
    warnOfUnused(args["plugin-option"], master.plugins, session.logger);
    const style = stylesOf(settings, session).err;
    const grpc = formatAddress(master.grpcAddress);
    const http = master.httpAddress === undefined ? "" : `, http://${formatAddress(master.httpAddress)}`;
    const took = formatDuration(performance.now());
    await session.err.write(`${style.green("✓")} master is ready at ${style.bold(grpc)}${http} (${took})\n`);
    await session.err.write(style.dim(`  a worker joins with: tasklog worker --master ${grpc}\n`));
    await untilAskedToLeave(session);
    return 0;
  },
});
