// One task, a thousand viewers, a thousand lines a second: how long a line takes from its printing to each of them, for
// tasklog, for a broadcast with npm's `ws` on Node, and for Redis pub/sub, one after the other with the same lines; then
// what a viewer of a quiet task costs in memory. All of a rival's processes share this machine's cores.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../test/helpers/free-port.ts";
import { until } from "../test/helpers/until.ts";
import { startTasklog } from "./process-tasklog.ts";
import { machine, sideBySide } from "./side-by-side.ts";

const viewers = Number(process.env["VIEWERS"] ?? 1000);
const rate = Number(process.env["RATE"] ?? 1000);
const seconds = Number(process.env["SECONDS"] ?? 10);
const rounds = Number(process.env["ROUNDS"] ?? 3);
const idle = Number(process.env["IDLE"] ?? 10_000);
const here = join(import.meta.dir, "fan-out");
const root = join(import.meta.dir, "..");
const lines = [process.execPath, join(here, "print-lines.ts"), String(rate), String(seconds)];

interface Measured {
  p50: number;
  p99: number;
  max: number;
  total: number;
  messages: number;
  /** Of the viewers' process, and of the server's, in seconds. */
  cpuS: number;
  serverCpuS: number;
}

function start(argv: string[], stdin: "pipe" | "ignore" | ReadableStream = "ignore") {
  return Bun.spawn(argv, { cwd: root, stdin, stdout: "pipe", stderr: "ignore" });
}

/** The lines of a program's stdout, one at a time. */
function linesOf(stdout: ReadableStream<Uint8Array>) {
  const decoder = new TextDecoder();
  const reader = stdout.getReader();
  let rest = "";
  return async (): Promise<string> => {
    for (;;) {
      const end = rest.indexOf("\n");
      if (end !== -1) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 1);
        return line;
      }
      const { done, value } = await reader.read();
      if (done) throw new Error("the program has ended early");
      rest += decoder.decode(value, { stream: true });
    }
  };
}

/** Lets viewers come, then `begin`, and gives what they measured. */
async function watch(
  kind: string,
  address: string,
  server: number,
  begin: () => Promise<unknown>,
): Promise<Measured> {
  const argv = [
    process.execPath,
    join(here, "viewers.ts"),
    kind,
    address,
    String(viewers),
    String(rate * seconds),
  ];
  const client = start(argv);
  try {
    const next = linesOf(client.stdout);
    await next();
    const before = await cpuSeconds(server);
    await begin();
    const measured = JSON.parse(await next());
    return { ...measured, serverCpuS: (await cpuSeconds(server)) - before };
  } finally {
    client.kill("SIGKILL");
  }
}

const rivals: Record<string, () => Promise<Measured>> = {
  async tasklog() {
    await using server = await startTasklog();
    const go = join(server.dir, "go");
    const waiting = 'while [ ! -e "$0" ]; do sleep 0.05; done; exec "$@"';
    const id = await server.submit(["sh", "-c", waiting, go, ...lines]);
    return await watch("tasklog", `ws://${server.http}/logs/${id}`, server.pid, () => Bun.write(go, ""));
  },
  async "npm ws on Node"() {
    const port = await freePort();
    const server = Bun.spawn(["node", join(here, "broadcast.mjs"), String(port)], {
      cwd: root,
      stdin: "pipe",
      stdout: "pipe",
    });
    try {
      await linesOf(server.stdout)();
      return await watch("lines", `ws://127.0.0.1:${port}`, server.pid, async () => feed(server.stdin));
    } finally {
      server.kill("SIGKILL");
    }
  },
  async "Redis pub/sub"() {
    const port = await freePort();
    const server = start([
      ...["redis-server", "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
      ...["--client-output-buffer-limit", "pubsub 0 0 0"],
    ]);
    try {
      await until("Redis answers", () =>
        Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }).then((socket) => {
          socket.end();
          return true;
        }),
      );
      const publisher = Bun.spawn([process.execPath, join(here, "publish.ts"), String(port)], {
        stdin: "pipe",
      });
      try {
        return await watch("redis", String(port), server.pid, async () => feed(publisher.stdin));
      } finally {
        publisher.kill("SIGKILL");
      }
    } finally {
      server.kill("SIGKILL");
      await server.exited;
    }
  },
};

/** Prints the lines into a rival's stdin; does not wait for their end. */
function feed(sink: Bun.FileSink): void {
  void (async () => {
    for await (const bytes of start(lines).stdout) {
      sink.write(bytes);
      await sink.flush();
    }
  })().catch(() => undefined);
}

/** That a process has used so far, in user and in system mode. */
async function cpuSeconds(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function rssKb(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]);
}

/** KB that one viewer of a quiet task costs the master. */
async function memoryOfIdle(): Promise<number> {
  await using server = await startTasklog();
  const id = await server.submit(["sh", "-c", "echo one line; exec sleep 600"]);
  const settle = async () => {
    await Bun.sleep(3000); // what was only needed to connect is given back
    return rssKb(server.pid);
  };
  const first = start([
    process.execPath,
    join(here, "viewers.ts"),
    "tasklog",
    `ws://${server.http}/logs/${id}`,
    "200",
    "0",
  ]);
  await linesOf(first.stdout)();
  const before = await settle();
  const many = start([
    process.execPath,
    join(here, "viewers.ts"),
    "tasklog",
    `ws://${server.http}/logs/${id}`,
    String(idle),
    "0",
  ]);
  await linesOf(many.stdout)();
  const after = await settle();
  first.kill("SIGKILL");
  many.kill("SIGKILL");
  return (after - before) / idle;
}

console.log(await machine());
const expected = viewers * rate * seconds;
console.log(
  `${viewers} viewers, ${rate} lines/s of 100 bytes for ${seconds} s, ${rounds} rounds: printed to seen`,
);
const wanted = process.env["RIVALS"]?.split(",") ?? Object.keys(rivals);
const results = await sideBySide(
  Object.fromEntries(Object.entries(rivals).filter(([name]) => wanted.includes(name))),
  rounds,
);
for (const [name, measured] of Object.entries(results)) {
  for (const { p50, p99, max, total, messages, cpuS, serverCpuS } of measured) {
    const share = ((100 * total) / expected).toFixed(total === expected ? 0 : 1);
    console.log(
      `  ${name.padEnd(16)} p50 ${p50.toFixed(1).padStart(7)} ms   p99 ${p99.toFixed(1).padStart(7)} ms   max ${max.toFixed(1).padStart(7)} ms   ${share} % of the lines in ${messages} messages   CPU ${serverCpuS.toFixed(1)} s, viewers ${cpuS.toFixed(1)} s`,
    );
  }
}
if (idle > 0) console.log(`  ${idle} idle viewers of tasklog: ${(await memoryOfIdle()).toFixed(1)} KB each`);
process.exit(0);
