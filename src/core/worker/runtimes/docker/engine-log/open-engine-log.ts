// Which source the log of a container has: its log file where this process may read it, else the engine's logs API.
import { access, constants } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ContainerInspectInfo } from "dockerode";
import { TasklogError } from "../../../../errors.ts";
import type { Engine } from "../engine.ts";
import { filesMax } from "../takeover/log-files.ts";
import type { EngineLog } from "./engine-log.ts";
import { createJsonFormat } from "./json-format.ts";
import { createLocalFormat } from "./local-format.ts";
import { LogFile } from "./log-file.ts";
import { LogFileChain } from "./log-file-chain.ts";
import { LogsApi } from "./logs-api.ts";

const apiLimits = "the engine's logs API leaves out lines without a word when its log rotates under a burst";
const droppedLimits =
  "the container's log has mode=non-blocking: the engine drops lines without a word in a burst";

/**
 * `info`: the container's inspect. Throws TasklogError "invalid" for a container whose output the engine does not keep.
 */
export async function openEngineLog(engine: Engine, info: ContainerInspectInfo): Promise<EngineLog> {
  const { Type: driver = "", Config: options } = info.HostConfig.LogConfig ?? {};
  const name = info.Name.replace(/^\//, "");
  if (driver === "none") {
    throw new TasklogError(
      "invalid",
      `the engine keeps no output of the container "${name}": it was started with --log-driver none`,
    );
  }
  const container = engine.docker.getContainer(info.Id);
  const dropped = options?.["mode"] === "non-blocking" ? droppedLimits : "";
  const path = await logPath(engine, info, driver);
  const why =
    path === undefined ? `the log driver ${driver} has no file to read` : await whyNot(path, info.Id);
  if (path !== undefined && why === "") {
    const format = driver === "json-file" ? createJsonFormat() : createLocalFormat();
    const chain = new LogFileChain(path, format, filesMax({ driver, options: options ?? {} }));
    return new LogFile(container, chain, dropped);
  }
  return new LogsApi(container, [why, apiLimits, dropped].filter(Boolean).join("; "));
}

/** Where the file is, or will be. The engine tells it for json-file only, and only after the first start. */
async function logPath(
  engine: Engine,
  info: ContainerInspectInfo,
  driver: string,
): Promise<string | undefined> {
  if (info.LogPath) return info.LogPath;
  const files: Record<string, string> = {
    "json-file": `${info.Id}-json.log`,
    local: "local-logs/container.log",
  };
  const file = files[driver];
  if (file === undefined) return undefined;
  const { DockerRootDir } = (await engine.docker.info()) as { DockerRootDir: string };
  return join(DockerRootDir, "containers", info.Id, file);
}

/** Empty where the file can be read. A folder named by the container's id is on the engine's own host. */
async function whyNot(path: string, id: string): Promise<string> {
  const folder = path.slice(0, path.indexOf(id) + id.length);
  try {
    await access(folder, constants.R_OK | constants.X_OK);
    await access(path, constants.R_OK);
    return "";
  } catch (thrown) {
    const { code, path: which } = thrown as NodeJS.ErrnoException;
    // Its first line will make it.
    if (code === "ENOENT" && which === path) return "";
    if (code === "ENOENT") return "its log file is not on this host";
    return `its log file may not be read by this user (${dirname(path)})`;
  }
}
