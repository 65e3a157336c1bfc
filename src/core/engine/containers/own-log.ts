// The log that the engine keeps of a container of our own: one file that only grows, whatever bounds the daemon has, so that
// a reader which was away finds all of it. It goes with the container when the task is done. A daemon that ships logs
// elsewhere is left alone: its operators want them there.
import type { ContainerCreateOptions } from "dockerode";
import type { Engine } from "../client/engine.ts";
import { engineTrace } from "../client/engine-trace.ts";

type LogConfig = NonNullable<NonNullable<ContainerCreateOptions["HostConfig"]>["LogConfig"]>;

/** Drivers that keep what is logged on the engine's host, for the engine alone. */
const driversHere = new Set(["json-file", "local", "none"]);

/** The limits of a container whose log the daemon ships elsewhere; empty: nothing. */
export function logLimits(driver: string): string {
  if (driver === "" || driversHere.has(driver)) return "";
  return `the engine ships this task's log elsewhere (log driver ${driver}): what it prints while no worker reads it may be missing`;
}

/** Resets those options of the daemon for all containers that would lose lines, or that do not go with one file. */
function ownLogConfig(bytesMax: number): LogConfig {
  return {
    Type: "json-file",
    Config: { "max-size": String(bytesMax), "max-file": "1", compress: "false", mode: "blocking" },
  };
}

/** Asks an engine for its driver, once for each time that it begins. */
export class OwnLog {
  readonly #engine: Engine;
  readonly #bytesMax: number;
  #known: { traceId: string; driver: string } | undefined;

  constructor(engine: Engine, bytesMax: number) {
    this.#engine = engine;
    this.#bytesMax = bytesMax;
  }

  /** Returns the daemon's driver, and how a container of our own is to be logged; undefined: as the daemon does. Throws what dockerode throws. */
  async choose(): Promise<{ driver: string; config: LogConfig | undefined }> {
    const driver = await this.#driver();
    return { driver, config: driversHere.has(driver) ? ownLogConfig(this.#bytesMax) : undefined };
  }

  async #driver(): Promise<string> {
    const traceId = engineTrace(this.#engine.address)?.id;
    if (this.#known !== undefined && this.#known.traceId === traceId) return this.#known.driver;
    const { LoggingDriver = "" } = (await this.#engine.docker.info()) as { LoggingDriver?: string };
    this.#known = traceId === undefined ? undefined : { traceId, driver: LoggingDriver };
    return LoggingDriver;
  }
}
