// One million lines of 103 bytes, from a container into a file: `tasklog run … > file` against `docker run -d` and
// `docker logs -f … > file`. Both are timed from the start of the container to the last byte in the file, and both
// files must be equal to what the container was given to print. The container prints with `cat`, so that what is
// measured is the way of the lines and not their making.
import { join } from "node:path";
import { image, startTasklog } from "../test/helpers/tasklog.ts";
import { engineForBench, machine, median, sideBySide } from "./side-by-side.ts";

const lines = 1_000_000;
const lineBytes = 103; // newline included
const rounds = Number(process.env["ROUNDS"] ?? 5);

const engine = await engineForBench();
await using t = await startTasklog();

const source = t.path("source");
const filler = "x".repeat(lineBytes - 9);
let text = "";
for (let n = 1; n <= lines; n++) text += `${String(n).padStart(7, "0")} ${filler}\n`;
await Bun.write(join(source, "lines"), text);
const volume = `${source}:/source:ro`;

/** Seconds that `work` took; the file it wrote must hold the source. */
async function timed(file: string, work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  const seconds = (performance.now() - startedMs) / 1000;
  if ((await Bun.file(file).text()) !== text) throw new Error(`${file} is not what the container printed`);
  return seconds;
}

async function docker(args: string[], stdout: "pipe" | Bun.BunFile = "pipe"): Promise<string> {
  const env = { ...t.env, DOCKER_HOST: engine };
  const child = Bun.spawn(["docker", ...args], { env, stdout, stderr: "inherit" });
  const printed = child.stdout instanceof ReadableStream ? await new Response(child.stdout).text() : "";
  if ((await child.exited) !== 0) throw new Error(`docker ${args[0]} failed`);
  return printed.trim();
}

const results = await sideBySide(
  {
    "docker logs -f": async () => {
      const file = t.path("docker-out");
      let container = "";
      const seconds = await timed(file, async () => {
        container = await docker(["run", "-d", "-v", volume, image, "cat", "/source/lines"]);
        await docker(["logs", "-f", container], Bun.file(file));
      });
      await docker(["rm", "-f", container]);
      return seconds;
    },
    "tasklog run": async () => {
      const file = t.path("tasklog-out");
      return await timed(file, async () => {
        const args = ["run", "--volume", volume, image, "--", "cat", "/source/lines"];
        const { code, stderr } = await t.start(args, { stdoutFile: file }).ended;
        if (code !== 0) throw new Error(`tasklog run gave ${code}: ${stderr}`);
      });
    },
  },
  rounds,
);

console.log(await machine(engine));
console.log(`${lines} lines x ${lineBytes} bytes, ${rounds} rounds, median seconds (all):`);
for (const [name, seconds] of Object.entries(results)) {
  const all = seconds.map((one) => one.toFixed(2)).join(" ");
  console.log(
    `  ${name.padEnd(16)} ${median(seconds).toFixed(2)} s  ${(lines / median(seconds) / 1000).toFixed(0)} k lines/s  (${all})`,
  );
}
const ratio = median(results["docker logs -f"] ?? []) / median(results["tasklog run"] ?? []);
console.log(`  tasklog is ${ratio.toFixed(2)} x as fast`);
