// Which source the log of a container has.
import type { ContainerInspectInfo } from "dockerode";
import type { Engine } from "../engine.ts";
import type { EngineLog } from "./engine-log.ts";
import { LogsApi } from "./logs-api.ts";

const apiLimits =
  "the engine's logs API can leave out lines without a word when its log file rotates under a burst";

/** `info`: the container's inspect. Throws TasklogError "invalid" for a container whose output the engine does not keep. */
export async function openEngineLog(engine: Engine, info: ContainerInspectInfo): Promise<EngineLog> {
  return new LogsApi(engine.docker.getContainer(info.Id), apiLimits);
}
