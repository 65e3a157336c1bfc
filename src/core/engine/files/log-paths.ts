// The path of the log of a container on this host's engine. It tells that for json-file only, and only after the
// first start; but its folders have been the same for years.
import { join } from "node:path";
import type { Engine } from "../client/engine.ts";
import { createJsonFormat } from "../records/json-format.ts";
import { createLocalFormat } from "../records/local-format.ts";
import type { RecordFormat } from "../records/record-format.ts";

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
