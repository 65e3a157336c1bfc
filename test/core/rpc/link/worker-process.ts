// A worker in a process of its own, for tests that kill and stop it: dials the port in its first argument, and
// streams lines for ever. Prints nothing but what tasklog's rpc or grpc-js would print by mistake.
import { silentLogger } from "../../../../src/core/base/logger.ts";
import { startWorkerLink } from "../../../../src/core/rpc/link/worker-link.ts";
import { linesItem, workerServer } from "../worker-fixture.ts";

const server = workerServer({
  async *streamLogs() {
    for (let seq = 1; ; seq += 10) {
      yield linesItem(seq, 10);
      await Bun.sleep(1);
    }
  },
});
await startWorkerLink({
  master: { host: "127.0.0.1", port: Number(process.argv[2]) },
  server,
  logger: silentLogger,
});
