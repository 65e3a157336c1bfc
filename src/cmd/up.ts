// `tasklog up`: a master and a worker in one process, on the local engine and on loopback.
import { join } from "node:path";
import { formatAddress, requireLoopback } from "../core/rpc/link/addresses.ts";
import { stylesOf } from "./client.ts";
import { loadSettings } from "./config/settings.ts";
import { commonFlags, dataDirFlag, insecureFlag, logFlags, masterFlags, workerFlags } from "./flags.ts";
import { defineCommand } from "./framework/define-command.ts";
import { formatDuration } from "./output/quantities.ts";
import { quietLogger } from "./server/quiet-logger.ts";
import { ringOptions, workerOptions } from "./server/server-options.ts";
import { untilAskedToLeave } from "./server/until-asked-to-leave.ts";
import { whatToTry } from "./server/what-to-try.ts";

export default defineCommand({
  meta: {
    name: "up",
    description:
      "Starts a master and a worker on this host, on loopback, with the local engine. Ctrl-C ends both; containers keep running and are picked up at the next start.",
  },
  args: {
    ...masterFlags,
    plugins: { ...masterFlags.plugins, default: "ws" },
    ...workerFlags,
    ...dataDirFlag,
    ...logFlags,
    ...insecureFlag,
    ...commonFlags,
  },
  examples: [
    { command: "tasklog up", what: "then, in another terminal: tasklog run alpine -- echo hello" },
    {
      command: "tasklog up --runtime docker,process --slots 4",
      what: "plain processes too, four tasks at once",
    },
    { command: "tasklog up --adopt all", what: "also adopt all containers that others start on this engine" },
    { command: "tasklog up --grpc 127.0.0.1:7171 --data-dir ./state", what: "a second one beside the first" },
  ],
  run: async ({ args, session }) => {
    const settings = loadSettings(session.env, args);
    const dataDir = settings["data-dir"].value;
    const logger = quietLogger(session.logger);
    requireLoopback(args.grpc, args.insecure, "--grpc");
    if (args.http !== undefined) requireLoopback(args.http, args.insecure, "--http");
    const [
      { startMaster },
      { startWorker },
      { parseAdoptRules },
      { builtins, pluginOptions, pluginUses, warnOfUnused },
    ] = await Promise.all([
      import("../core/master/master.ts"),
      import("../core/worker/worker.ts"),
      import("../core/worker/adopt/adopt-rules.ts"),
      import("./plugins-registry.ts"),
    ]);
    const adopt = parseAdoptRules(args.adopt);
    const plugins = pluginUses(args.plugins);
    await using master = await startMaster({
      grpc: args.grpc,
      http: args.http,
      allowOrigins: args["allow-origin"],
      dataDir: join(dataDir, "master"),
      plugins,
      builtins,
      pluginOptions: pluginOptions(args["plugin-option"], settings.plugins),
      workers: [],
      lostAfterMs: args["lost-after"],
      insecure: args.insecure,
      logger,
      ...ringOptions(args),
    });
    await using worker = await startWorker({
      ...workerOptions(args, settings),
      adopt,
      master: master.grpcAddress,
      dataDir: join(dataDir, "worker"),
      logger,
    });
    warnOfUnused(args["plugin-option"], master.plugins, session.logger);
    const style = stylesOf(settings, session).err;
    const address = formatAddress(master.grpcAddress);
    const http = master.httpAddress === undefined ? "" : `, http://${formatAddress(master.httpAddress)}`;
    const took = formatDuration(performance.now());
    await session.err.write(
      `${style.green("✓")} tasklog is ready: master at ${style.bold(address)}${http} (${took})\n`,
    );
    await session.err.write(whatToTry(style, address, args.runtime.flat()));
    await untilAskedToLeave(session, worker.dismissed);
    logger.mute();
    await session.err.write(style.dim("ending; containers run on\n"));
    return 0;
  },
});
