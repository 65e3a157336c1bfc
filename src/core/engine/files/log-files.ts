// The engine's settings for the log of a container, which decide if it throws the first lines away.
import { engineRecordBytesMax } from "../../base/limits.ts";

export interface LogFiles {
  /** "json-file", "local", … */
  driver: string;
  /** The options of the driver, those of the daemon's own configuration included. */
  options: Record<string, string>;
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
