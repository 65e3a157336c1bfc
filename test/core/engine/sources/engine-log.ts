// What the tests of the engine's log share: a container that prints, and a reader that splits what it reads into lines.
import { randomBytes } from "node:crypto";
import type { Container, ContainerInspectInfo } from "dockerode";
import { createEngine, type Engine } from "../../../../src/core/engine/client/engine.ts";
import type { EngineLog, EngineLogQuery, LogPlace } from "../../../../src/core/engine/sources/engine-log.ts";
import { openEngineLog } from "../../../../src/core/engine/sources/open-engine-log.ts";
import { testImage } from "../../../helpers/engine.ts";

export interface LogConfig {
  Type: string;
  Config: Record<string, string>;
}

export const rotating = (driver: string, others: Record<string, string> = {}): LogConfig => ({
  Type: driver,
  Config: { "max-size": "1m", "max-file": "3", ...others },
});

export interface Printing extends AsyncDisposable {
  engine: Engine;
  container: Container;
  info(): Promise<ContainerInspectInfo>;
  log(): Promise<EngineLog>;
}

/** A container with this script, not started. It is removed at the end. */
export async function createPrinting(
  host: string,
  script: string,
  log?: LogConfig,
  others: object = {},
): Promise<Printing> {
  const engine = createEngine(host);
  const container = await engine.docker.createContainer({
    name: `tasklog-test-${randomBytes(6).toString("hex")}`,
    Image: testImage,
    Cmd: ["sh", "-c", script],
    HostConfig: { NetworkMode: "none", ...(log && { LogConfig: log }), ...others },
  });
  const info = (): Promise<ContainerInspectInfo> => container.inspect();
  return {
    engine,
    container,
    info,
    log: async () => openEngineLog(engine, await info()),
    async [Symbol.asyncDispose]() {
      await container.remove({ force: true }).catch((thrown) => {
        if (thrown.statusCode !== 404) throw thrown;
      });
    },
  };
}

/** Prints numbered lines on both streams at once, as fast as it can. */
export function numbers(to: number, from = 1): string {
  const print = `seq ${from} ${to} | sed 's/^/line /'`;
  return `${print} >&2 & ${print}; wait`;
}

export interface Read {
  stdout: string[];
  stderr: string[];
  /** Reasons of the gaps, each with the lines of both streams before it. */
  gaps: { reason: string; stdout: number; stderr: number }[];
  /** Each place that came, with the number of lines of both streams that ended before it. */
  places: { place: LogPlace; lines: number }[];
  /** Text behind the last newline. */
  rest: { stdout: string; stderr: string };
}

/** Reads to the end. `onRecords` may wait. */
export async function readLog(
  log: EngineLog,
  query: Partial<EngineLogQuery> = {},
  signal: AbortSignal = new AbortController().signal,
  onRecords: (read: Read) => unknown = () => {},
): Promise<Read> {
  const read: Read = { stdout: [], stderr: [], gaps: [], places: [], rest: { stdout: "", stderr: "" } };
  const lines = (): number => read.stdout.length + read.stderr.length;
  for await (const item of log.read({ follow: true, ...query }, signal)) {
    if ("missing" in item) {
      const { stdout, stderr } = read;
      read.gaps.push({ reason: item.missing.reason, stdout: stdout.length, stderr: stderr.length });
      continue;
    }
    for (const { stream, bytes } of item.records) {
      const pieces = (read.rest[stream] + Buffer.from(bytes).toString("latin1")).split("\n");
      read.rest[stream] = pieces.pop() as string;
      for (const piece of pieces) read[stream].push(piece);
    }
    if (item.place !== undefined) read.places.push({ place: item.place, lines: lines() });
    await onRecords(read);
  }
  return read;
}

/** What is wrong with the output of `numbers`; empty where each line came once and in order. */
export function faults(read: Pick<Read, "stdout" | "stderr">, to: number, from = 1): string[] {
  const wrong: string[] = [];
  for (const stream of ["stdout", "stderr"] as const) {
    const lines = read[stream];
    const at = lines.findIndex((line, index) => line !== `line ${from + index}`);
    if (at !== -1) wrong.push(`${stream}: line ${from + at} expected, got ${lines[at]}`);
    if (lines.length !== to - from + 1) wrong.push(`${stream}: ${lines.length} lines`);
  }
  return wrong;
}

/** Each gap is true, and lines of `numbers` are missing in gaps only. Gives how many are missing. */
export function missingInGaps(read: Read, to: number): number {
  let missing = 0;
  for (const stream of ["stdout", "stderr"] as const) {
    const found = [...read[stream].map((line) => Number(line.split(" ")[1])), to + 1];
    let expected = 1;
    for (const [index, number] of found.entries()) {
      const isInGap = read.gaps.some((gap) => gap[stream] === index);
      if (number < expected || (number > expected && !isInGap)) {
        throw new Error(`${stream}: line ${expected} expected, got ${number}`);
      }
      missing += number - expected;
      expected = number + 1;
    }
  }
  return missing;
}
