// How every measurement here is made: rivals side by side in one run, in fresh processes, in alternating order, and the
// median of several rounds; printed with the machine it ran on. A ratio means something, an absolute number little.
import { cpus, totalmem } from "node:os";
import { findEngine, importBusybox } from "../scripts/engine.mjs";
import { engineCall } from "../test/helpers/engine-api.ts";

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which the share `p` (0 to 1) of the values lies. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
}

/** Runs each rival once a round, in an order that turns around with each round. Gives what each measured. */
export async function sideBySide<T>(
  rivals: Record<string, () => Promise<T>>,
  rounds: number,
): Promise<Record<string, T[]>> {
  const names = Object.keys(rivals);
  const results: Record<string, T[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      results[name]?.push((await rivals[name]?.()) as T);
    }
  }
  return results;
}

/** One line about the machine, and about the engine if there is one. */
export async function machine(engine?: string): Promise<string> {
  const [cpu] = cpus();
  const parts = [
    `${cpus().length} x ${cpu?.model.trim() ?? "unknown processor"}`,
    `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `Bun ${Bun.version}`,
  ];
  if (engine !== undefined) {
    const { ServerVersion, LoggingDriver } = await engineCall(engine, "GET", "/info");
    parts.push(`engine ${ServerVersion}, ${LoggingDriver}`);
  }
  return parts.join(", ");
}

/** DOCKER_HOST of the engine that answers, with the test image; throws when none does. */
export async function engineForBench(): Promise<string> {
  const engine = await findEngine();
  if (engine === undefined) throw new Error("no Docker engine answers: start one, or set DOCKER_HOST");
  await importBusybox(engine);
  return engine;
}
