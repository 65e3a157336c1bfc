// A clock that can be set back, for the processes of a test alone: libfaketime reads how far it is off from a file. The
// machine's own clock is never touched, and neither is the monotonic one, as when a person or NTP sets the time.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { installPackages } from "../../scripts/engine.mjs";

const places = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
const findLibrary = (): string | undefined =>
  [
    process.env["FAKETIME_LIBRARY"] ?? "",
    ...places.map((place) => `/usr/lib/${place}/faketime/libfaketimeMT.so.1`),
  ].find((path) => path !== "" && existsSync(path));

export interface ClockOptions {
  /** Holds how far the clock is off, in seconds. */
  file: string;
}

/** Installs libfaketime where it is not there: no run of the suite is without these clocks. Throws where it cannot be had. */
export function installClock(): void {
  if (findLibrary() === undefined) installPackages(["libfaketime"]);
  if (findLibrary() === undefined)
    throw new Error("libfaketime is installed, but not where it is looked for");
}

export async function setClock({ file }: ClockOptions, offsetSeconds: number): Promise<void> {
  await writeFile(file, `${offsetSeconds < 0 ? "" : "+"}${offsetSeconds}\n`);
}

export function clockEnv({ file }: ClockOptions): Record<string, string> {
  return {
    LD_PRELOAD: findLibrary() ?? "",
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_CACHE_DURATION: "1",
  };
}
