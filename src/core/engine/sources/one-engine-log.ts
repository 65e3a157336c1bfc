// An engine's log that is read only as long as one engine writes it. Who follows a file does not notice an engine's end by
// it, and a process that is busy hears of the end late: it would take the next engine's records for the same engine's, over
// what was lost in between. The next engine leaves its trace before it writes, so records under the old trace are the old one's.
import { TasklogError } from "../../base/errors.ts";
import type { EngineAddress } from "../client/engine-address.ts";
import { engineTrace } from "../client/engine-trace.ts";
import type { OutputGap } from "../output.ts";
import type { EngineLog, EngineLogQuery, EngineRecords } from "./engine-log.ts";

/** Throws "unavailable" where another engine may have begun since now. */
export function oneEngineLog(log: EngineLog, address: EngineAddress): EngineLog {
  const trace = engineTrace(address)?.id;
  if (trace === undefined) return log;
  async function* read(
    query: EngineLogQuery,
    signal: AbortSignal,
  ): AsyncGenerator<EngineRecords | OutputGap> {
    for await (const item of log.read(query, signal)) {
      if ((engineTrace(address)?.id ?? trace) !== trace) throw startedAgain(address);
      yield item;
    }
  }
  return { kind: log.kind, limits: log.limits, read };
}

function startedAgain({ host }: EngineAddress): TasklogError {
  return new TasklogError("unavailable", `the Docker engine at ${host} was started again`);
}
