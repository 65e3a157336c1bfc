// One line each 10 ms: how long from the engine's own stamp of a line to the client's stdout, for `tasklog run` and for
// `docker logs -f`. The stamp is what `docker logs -t` says afterwards, the arrival is when this process has read the
// line from the client's pipe; both are this machine's wall clock. The tasklog container is kept (--keep) so that its
// stamps can be asked for.
import { image, startTasklog } from "../test/helpers/tasklog.ts";
import { engineForBench, machine, percentile } from "./side-by-side.ts";

const lines = Number(process.env["LINES"] ?? 1000);
const warmUp = 50; // the first lines meet code that is not compiled yet; they are left out and that is said
const rounds = Number(process.env["ROUNDS"] ?? 3);
const script = `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo $i; usleep 10000; done`;

const engine = await engineForBench();
await using t = await startTasklog();
const env = { ...t.env, DOCKER_HOST: engine };

/** Milliseconds of the Unix epoch at which each line (its number is its text) came out of the program. */
async function arrivals(argv: string[]): Promise<Map<number, number>> {
  const child = Bun.spawn(argv, { env, cwd: t.dir, stdout: "pipe", stderr: "inherit" });
  const seen = new Map<number, number>();
  let rest = "";
  for await (const bytes of child.stdout) {
    const nowMs = performance.timeOrigin + performance.now();
    const parts = (rest + new TextDecoder().decode(bytes)).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) seen.set(Number(line), nowMs);
  }
  await child.exited;
  return seen;
}

/** Milliseconds of the Unix epoch at which the engine stamped each line. */
async function stamps(container: string): Promise<Map<number, number>> {
  const child = Bun.spawn(["docker", "logs", "-t", container], { env, stdout: "pipe" });
  const found = new Map<number, number>();
  for (const line of (await new Response(child.stdout).text()).split("\n")) {
    const match = /^(\S+?)\.(\d+)Z (\d+)$/.exec(line);
    if (match) found.set(Number(match[3]), Date.parse(`${match[1]}Z`) + Number(`0.${match[2]}`) * 1000);
  }
  return found;
}

async function docker(...args: string[]): Promise<string> {
  return (await Bun.$`docker ${args}`.env(env).text()).trim();
}

async function delays(arrived: Map<number, number>, container: string): Promise<number[]> {
  const stamped = await stamps(container);
  await docker("rm", "-f", container);
  if (arrived.size !== lines || stamped.size !== lines)
    throw new Error(`${arrived.size} of ${lines} lines came`);
  return [...arrived]
    .filter(([line]) => line > warmUp)
    .map(([line, ms]) => ms - (stamped.get(line) ?? Number.NaN));
}

const rivals: Record<string, () => Promise<number[]>> = {
  "docker logs -f": async () => {
    const container = await docker("run", "-d", image, "sh", "-c", script);
    return delays(await arrivals(["docker", "logs", "-f", container]), container);
  },
  "tasklog run": async () => {
    const before = new Set((await t.tasks()).map(({ id }) => id));
    const arrived = await arrivals([t.executable, "run", "--keep", image, "--", "sh", "-c", script]);
    const task = (await t.tasks()).find(({ id }) => !before.has(id));
    return delays(arrived, await docker("ps", "-aq", "--filter", `label=dev.tasklog.task=${task?.id}`));
  },
};

console.log(await machine(engine));
console.log(
  `${lines} lines, one each 10 ms, ${rounds} rounds, without the first ${warmUp}: engine's stamp to client's stdout`,
);
const all: Record<string, number[]> = { "docker logs -f": [], "tasklog run": [] };
for (let round = 0; round < rounds; round++) {
  const names = round % 2 === 0 ? Object.keys(rivals) : Object.keys(rivals).reverse();
  for (const name of names) all[name]?.push(...((await rivals[name]?.()) ?? []));
}
for (const [name, ms] of Object.entries(all)) {
  const [p50, p99, max] = [0.5, 0.99, 1].map((p) => percentile(ms, p).toFixed(2));
  console.log(`  ${name.padEnd(16)} p50 ${p50} ms   p99 ${p99} ms   max ${max} ms`);
}
