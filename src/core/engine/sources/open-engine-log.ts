// Which source the log of a container has: its log file where this process may read it, else the engine's logs API.
import { access, constants } from "node:fs/promises";
import { dirname } from "node:path";
import type { ContainerInspectInfo } from "dockerode";
import { TasklogError } from "../../base/errors.ts";
import type { Engine } from "../client/engine.ts";
import type { FileScout } from "../files/file-scout.ts";
import { LogFileChain } from "../files/log-file-chain.ts";
import {
  filesMax,
  isUnknown,
  type LogPath,
  logFiles,
  logFilesOf,
  mayRotate,
  rootOf,
  unpackedBytesMax,
} from "../files/log-files.ts";
import type { EngineLog } from "./engine-log.ts";
import { LogFile } from "./log-file.ts";
import { LogsApi } from "./logs-api.ts";

const apiLimits = "the engine's logs API leaves out lines without a word when its log rotates under a burst";
const droppedLimits =
  "the container's log has mode=non-blocking: the engine drops lines without a word in a burst";

/**
 * `info`: the container's inspect. `early`: what has been opened of the log at a path since before it began. Throws TasklogError "invalid" for a container whose output the engine does not keep.
 */
export async function openEngineLog(
  engine: Engine,
  info: ContainerInspectInfo,
  early: (path: string) => FileScout | undefined = () => undefined,
): Promise<EngineLog> {
  const files = logFilesOf(info);
  const { driver, options } = files;
  const name = info.Name.replace(/^\//, "");
  if (driver === "none") {
    throw new TasklogError(
      "invalid",
      `the engine keeps no output of the container "${name}": it was started with --log-driver none`,
    );
  }
  const container = engine.docker.getContainer(info.Id);
  const dropped = options["mode"] === "non-blocking" ? droppedLimits : "";
  const file = await logFileOf(engine, info, driver);
  const why =
    file === undefined ? `the log driver ${driver} has no file to read` : await whyNot(file, info.Id);
  if (file !== undefined && why === "") {
    const chain = new LogFileChain(file.path, file.format, filesMax(files), unpackedBytesMax(files));
    return new LogFile(container, chain, {
      limits: dropped,
      mayRotate: mayRotate(files),
      early: early(file.path),
    });
  }
  const loses = mayRotate(files) ? apiLimits : "";
  return new LogsApi(container, [why, loses, dropped].filter(Boolean).join("; "));
}

async function logFileOf(engine: Engine, info: ContainerInspectInfo, driver: string) {
  const found = logFiles(info.LogPath ? "" : await rootOf(engine), info.Id).find(
    (file) => file.driver === driver,
  );
  return found && { ...found, path: info.LogPath || found.path };
}

/** Empty where the file can be read. A folder named by the container's id is on the engine's own host. */
async function whyNot({ path, format }: LogPath, id: string): Promise<string> {
  const folder = path.slice(0, path.indexOf(id) + id.length);
  try {
    await access(folder, constants.R_OK | constants.X_OK);
    await access(path, constants.R_OK);
    if (await isUnknown(path, format)) return `its log file has a form that tasklog does not know (${path})`;
    return "";
  } catch (thrown) {
    const { code, path: which } = thrown as NodeJS.ErrnoException;
    // Its first line will make it.
    if (code === "ENOENT" && which === path) return "";
    if (code === "ENOENT") return "its log file is not on this host";
    return `its log file may not be read by this user (${dirname(path)})`;
  }
}
