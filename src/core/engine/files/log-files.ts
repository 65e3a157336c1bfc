// The engine's settings for the log of a container, which decide if it throws the first lines away.

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
