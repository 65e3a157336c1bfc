// What viewers that have stopped reading do to the others: one task prints 50 000 lines a second; a viewer measures the
// time from the worker's stamp of each batch to its arrival, first alone, then next to 200 viewers of the same task
// whose process was stopped (SIGSTOP) in the middle of the stream. And the RSS of `tasklog up` before and after.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAddress } from "../src/core/rpc/link/addresses.ts";
import { connectMaster } from "../src/core/rpc/master-client.ts";
import { until } from "../test/helpers/until.ts";
import { startTasklog } from "./process-tasklog.ts";
import { machine, percentile } from "./side-by-side.ts";

const viewers = Number(process.env["VIEWERS"] ?? 200);
const seconds = Number(process.env["SECONDS"] ?? 15);
const rate = Number(process.env["RATE"] ?? 50_000);

const [what, address = "", taskId = ""] = process.argv.slice(2);
if (what === "viewers") await view(address, taskId);
else await measure();

/** In a process of its own: so many viewers, each with a connection of its own, until it is stopped. */
async function view(address: string, task: string): Promise<void> {
  using client = connectMaster(parseAddress(address, "master"), { userId: "stopped" });
  let begun = 0;
  const all = Array.from({ length: viewers }, async () => {
    let first = true;
    for await (const item of client.streamTaskLogs({
      task,
      start: { $case: "tail", value: 0 },
      follow: true,
    })) {
      if (item.kind !== "batch" || !first) continue;
      first = false;
      if (++begun === viewers) console.log("all read");
    }
  });
  await Promise.all(all);
}

async function measure(): Promise<void> {
  await using t = await startTasklog();
  const printer = join(import.meta.dir, "fan-out/print-lines.ts");
  const id = await t.submit([process.execPath, printer, String(rate), "3600"]);

  console.log(await machine());
  console.log(`${rate} lines/s of 100 bytes meant; ${seconds} s each; worker's stamp to a viewer`);
  await listen(t.grpc, id, 3); // what is compiled once
  const before = await rss(t.pid);
  show("alone", await listen(t.grpc, id, seconds));

  const child = Bun.spawn([process.execPath, import.meta.path, "viewers", t.grpc, id], {
    env: { ...process.env, VIEWERS: String(viewers) },
    stdout: "pipe",
    stderr: "inherit",
  });
  let said = "";
  void (async () => {
    for await (const bytes of child.stdout) said += new TextDecoder().decode(bytes);
  })();
  try {
    await until("all viewers read", () => said.includes("all read"), { timeoutMs: 120_000 });
    process.kill(child.pid, "SIGSTOP");
    // Until the kernel's buffers are full of what they do not read.
    show("while they fill up", await listen(t.grpc, id, seconds));
    show(`with ${viewers} stopped`, await listen(t.grpc, id, seconds));
    const after = await rss(t.pid);
    console.log(
      `  RSS of tasklog up: ${before.toFixed(0)} MiB alone, ${after.toFixed(0)} MiB with ${viewers} stopped`,
    );
  } finally {
    child.kill("SIGKILL");
    await child.exited;
  }
  show("and again alone", await listen(t.grpc, id, seconds));
  console.log(`  RSS of tasklog up: ${(await rss(t.pid)).toFixed(0)} MiB after they left`);
}

interface Heard {
  lines: number;
  /** Of the newest line of each batch. */
  delaysMs: number[];
}

async function listen(address: string, task: string, forSeconds: number): Promise<Heard> {
  using client = connectMaster(parseAddress(address, "master"), { userId: "bench" });
  const heard: Heard = { lines: 0, delaysMs: [] };
  const signal = AbortSignal.timeout(forSeconds * 1000);
  const request = { task, start: { $case: "tail", value: 0 }, follow: true } as const;
  for await (const item of client.streamTaskLogs(request, signal)) {
    if (item.kind !== "batch") continue;
    const nowMs = performance.timeOrigin + performance.now();
    const last = item.batch.count - 1;
    const stampMs = (item.batch.seconds[last] ?? 0) * 1000 + (item.batch.nanos[last] ?? 0) / 1e6;
    heard.delaysMs.push(nowMs - stampMs);
    heard.lines += item.batch.count;
  }
  return heard;
}

function show(name: string, { lines, delaysMs }: Heard): void {
  const [p50, p99, max] = [0.5, 0.99, 1].map((p) => percentile(delaysMs, p).toFixed(2));
  const rate = (lines / seconds / 1000).toFixed(0);
  console.log(
    `  ${name.padEnd(20)} ${rate.padStart(3)} k lines/s   p50 ${p50} ms   p99 ${p99} ms   max ${max} ms`,
  );
}

/** MiB. */
async function rss(pid: number): Promise<number> {
  return Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}
