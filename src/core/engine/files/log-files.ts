// The log files of a container on the engine's host: where they are, how many and how large they may be, and if their form is known.

import { join } from "node:path";
import { engineRecordBytesMax } from "../../base/limits.ts";
import type { ContainerInspectInfo, Engine } from "../client/engine.ts";
import { createJsonFormat } from "../records/json-format.ts";
import { createLocalFormat } from "../records/local-format.ts";
import type { LogRecord, RecordFormat } from "../records/record-format.ts";
import { OpenLogFile } from "./open-log-file.ts";

export interface LogFiles {
  /** "json-file", "local", … */
  driver: string;
  /** The options of the driver, those of the daemon's own configuration included. */
  options: Record<string, string>;
}

/** The settings of a container, by its inspect. */
export function logFilesOf({ HostConfig }: Pick<ContainerInspectInfo, "HostConfig">): LogFiles {
  const { Type = "", Config } = HostConfig.LogConfig ?? {};
  return { driver: Type, options: Config ?? {} };
}

/** The number of files that the drivers keep if the option is not given. */
const defaultFilesMax: Record<string, number> = { "json-file": 1, local: 5 };

/** A json-file without a bound on its size is one file, and so is one of which there may be no other: at its bound it is emptied. */
export function mayRotate(files: LogFiles): boolean {
  const isBound = !["-1", undefined].includes(files.options["max-size"]);
  return files.driver !== "json-file" || (isBound && filesMax(files) > 1);
}

/** The largest number of files, including the one that is written. */
export function filesMax({ driver, options }: LogFiles): number {
  return Number(options["max-file"] ?? defaultFilesMax[driver] ?? 1);
}

/** The largest size of a file of which no setting tells it, in bytes: ten times what people give a file that rotates. */
const unknownBytesMax = 1024 ** 3;
/** The size at which the drivers begin the next file if the option is not given. */
const defaultSize: Record<string, string> = { local: "20m" };

/** The largest size of one file, in bytes: the engine begins the next one with the record behind that which fills it. */
export function unpackedBytesMax({ driver, options }: LogFiles): number {
  // As the engine's own units.RAMInBytes reads it.
  const size = /^(\d+(?:\.\d+)?) ?([kmgtp])?i?b?$/i.exec(options["max-size"] ?? defaultSize[driver] ?? "");
  if (size === null) return unknownBytesMax;
  const power = " kmgtp".indexOf(size[2]?.toLowerCase() ?? " ");
  return Math.ceil(Number(size[1]) * 1024 ** power) + engineRecordBytesMax;
}

// The path of the log of a container on this host's engine. It tells that for json-file only, and only after the
// first start; but its folders have been the same for years.

export interface LogPath {
  driver: string;
  /** The path of the file that is written. */
  path: string;
  format: RecordFormat;
}

/** The log files of each driver that writes files; `root` is as `rootOf` returns it. */
export function logFiles(root: string, containerId: string): LogPath[] {
  const folder = join(root, "containers", containerId);
  return [
    { driver: "json-file", path: join(folder, `${containerId}-json.log`), format: createJsonFormat() },
    { driver: "local", path: join(folder, "local-logs/container.log"), format: createLocalFormat() },
  ];
}

/** The engine's folder, on its own host. Throws what dockerode throws. */
export async function rootOf({ docker }: Engine): Promise<string> {
  const { DockerRootDir } = (await docker.info()) as { DockerRootDir: string };
  return DockerRootDir;
}

// Tells a log file of another engine's making (podman writes the CRI form under Docker's names) from one of Docker's
// that is damaged: in the latter, records stand behind the damage.

/** The part of the file that is looked at, in bytes: more than a record that was broken off. */
const lookBytes = 128 * 1024;

/** Returns true if the file has whole lines at its beginning, and none of them is a record. Throws what opening it throws. */
export async function isUnknown(path: string, format: RecordFormat): Promise<boolean> {
  const file = OpenLogFile.openNow(path, format);
  if (file === undefined) return false;
  try {
    const bytes = await file.read(0, lookBytes);
    return bytes.length > 0 && !hasRecord(bytes, format);
  } finally {
    file.close();
  }
}

/** A record that is not whole yet counts, too. */
function hasRecord(bytes: Buffer, format: RecordFormat): boolean {
  const records: LogRecord[] = [];
  for (let at = 0; at < bytes.length; at = format.resync(bytes, at, bytes.length)) {
    if (format.decode(bytes, at, bytes.length, records) !== -1) return true;
  }
  return false;
}
