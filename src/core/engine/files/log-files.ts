// How the engine keeps the log of a container, as far as that tells whether it may have thrown the first lines away.
import type { LogScan } from "../takeover/log-scan.ts";

export interface LogFiles {
  /** "json-file", "local", … */
  driver: string;
  /** The options of the driver, those of the daemon's own configuration included. */
  options: Record<string, string>;
}

/** What the drivers take where an option is not given. */
const defaults: Record<string, { "max-size": string; "max-file": string }> = {
  "json-file": { "max-size": "-1", "max-file": "1" },
  local: { "max-size": "20m", "max-file": "5" },
};
const sizeOptions = ["max-size", "max-file", "compress"];
const units: Record<string, number> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** Without a bound on its size, a json-file is never rotated. */
export function mayRotate({ driver, options }: LogFiles): boolean {
  return driver !== "json-file" || !["-1", undefined].includes(options["max-size"]);
}

/** Whether a scan that reached the oldest record has the first one of the container. */
export function keepsAll(files: LogFiles, scan: LogScan): boolean {
  const { driver, options } = files;
  if (!scan.isAll || !mayRotate(files)) return scan.isAll;
  const standard = defaults[driver];
  // Options such as `labels` add to each record what is not known here.
  if (standard === undefined || !Object.keys(options).every((option) => sizeOptions.includes(option)))
    return false;
  const bytes = toBytes(options["max-size"] ?? standard["max-size"]);
  return bytes !== undefined && scan.bytesMax < (filesMax(files) - 1) * bytes;
}

/** How many files there are at most, the one that is written included. */
export function filesMax({ driver, options }: LogFiles): number {
  return Number(options["max-file"] ?? defaults[driver]?.["max-file"] ?? 1);
}

/** Docker's sizes: "10m", "1.5g", "500kb". */
function toBytes(text: string): number | undefined {
  const [, number, unit = ""] = /^([\d.]+) ?([kmgt]?)i?b?$/i.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (units[unit.toLowerCase()] as number);
}
