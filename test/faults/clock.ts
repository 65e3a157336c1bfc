// A clock that can be set back, for the processes of a test alone: libfaketime reads how far it is off from a file. The
// machine's own clock is never touched, and neither is the monotonic one, as when a person or NTP sets the time.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";

const places = ["x86_64-linux-gnu", "aarch64-linux-gnu"];
const library = [
  process.env["FAKETIME_LIBRARY"] ?? "",
  ...places.map((place) => `/usr/lib/${place}/faketime/libfaketimeMT.so.1`),
].find((path) => path !== "" && existsSync(path));

export interface ClockOptions {
  /** Holds how far the clock is off, in seconds. */
  file: string;
}

/** False: this machine has no libfaketime (apt-get install libfaketime), and clocks are left alone. */
export const hasClock = library !== undefined;

export async function setClock({ file }: ClockOptions, offsetSeconds: number): Promise<void> {
  await writeFile(file, `${offsetSeconds < 0 ? "" : "+"}${offsetSeconds}\n`);
}

export function clockEnv({ file }: ClockOptions): Record<string, string> {
  return {
    LD_PRELOAD: library ?? "",
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_CACHE_DURATION: "1",
  };
}
