// COUNT viewers in one process: of tasklog (`tasklog.v1`), of a broadcast of single lines, or of a Redis channel. Prints
// "ready" when all are there; when each has LINES lines, or after the time is up, one line of JSON: how long the lines
// took from the time that is in them to here. With LINES 0 it only stays.
//
// A frame is looked at once for all viewers that get the same one, so that it is not this process that is measured.
import { percentile } from "../side-by-side.ts";

const [kind = "", address = "", countText = "1", linesText = "0"] = process.argv.slice(2);
const [count, lines] = [Number(countText), Number(linesText)];

interface Seen {
  readonly seqs: number;
  readonly stampsMs: readonly number[];
}

/** Delays in steps of 0.1 ms; the last one holds all that are longer. */
const delays = new Uint32Array(600_001);
const got = new Uint32Array(count);
let messages = 0;
let through = 0;
const done = Promise.withResolvers<void>();

function take(viewer: number, { seqs, stampsMs }: Seen): void {
  messages++;
  const nowMs = performance.timeOrigin + performance.now();
  for (const stampMs of stampsMs) {
    const step = Math.min(delays.length - 1, Math.max(0, Math.round((nowMs - stampMs) * 10)));
    delays[step] = (delays[step] as number) + 1;
  }
  got[viewer] = (got[viewer] as number) + seqs;
  // Frames without lines come behind the last one, too.
  if (seqs > 0 && got[viewer] === lines && ++through === count) done.resolve();
}

const known = new Map<string, Seen>();

function look(frame: string): Seen {
  const before = known.get(frame);
  if (before !== undefined) return before;
  const seen = parse(JSON.parse(frame));
  if (known.size > 500) known.clear();
  known.set(frame, seen);
  return seen;
}

function parse(frame: { type: string; lines?: Array<[string, number, string]>; content?: string }): Seen {
  if (frame.type === "log") return { seqs: 1, stampsMs: [stampOf(frame.content ?? "")] };
  const stampsMs = (frame.lines ?? []).map(([, , text]) => stampOf(text));
  return { seqs: stampsMs.length, stampsMs };
}

/** Every line begins with the time at which it was printed. */
function stampOf(text: string): number {
  return Number(text.slice(0, 20));
}

function webSocket(viewer: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = kind === "tasklog" ? new WebSocket(address, "tasklog.v1") : new WebSocket(address);
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`viewer ${viewer} cannot connect`));
    socket.onmessage = ({ data }) => take(viewer, look(data));
  });
}

/** A subscriber's messages have one width, behind the answer to its SUBSCRIBE. */
async function redis(viewer: number): Promise<void> {
  const channel = "log";
  const subscribed = Promise.withResolvers<void>();
  const head = `*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n$99\r\n`;
  const width = head.length + 99 + 2;
  let rest = "";
  let isFirst = true;
  await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(address),
    socket: {
      open: (socket) => void socket.write(`SUBSCRIBE ${channel}\r\n`),
      data(_socket, bytes) {
        let text = rest + bytes.toString("latin1");
        if (isFirst) {
          isFirst = false;
          text = "";
          subscribed.resolve();
        }
        const stampsMs: number[] = [];
        let at = 0;
        for (; at + width <= text.length; at += width)
          stampsMs.push(stampOf(text.slice(at + head.length, at + head.length + 20)));
        rest = text.slice(at);
        if (stampsMs.length > 0) take(viewer, { seqs: stampsMs.length, stampsMs });
      },
    },
  });
  await subscribed.promise;
}

for (let from = 0; from < count; from += 200) {
  const some = Array.from({ length: Math.min(200, count - from) }, (_, index) => from + index);
  await Promise.all(some.map((viewer) => (kind === "redis" ? redis(viewer) : webSocket(viewer))));
}
console.log("ready");
if (lines === 0) await new Promise(() => {});
await Promise.race([done.promise, Bun.sleep(Number(process.env["PATIENCE_MS"] ?? 60_000))]);

/** Of this process so far. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const spread: number[] = [];
const total = delays.reduce((sum, at) => sum + at, 0);
// A sample of at most a hundred thousand, in order.
const every = Math.max(1, Math.floor(total / 100_000));
let seen = 0;
for (const [step, at] of delays.entries()) {
  for (let one = 0; one < at; one++) if (seen++ % every === 0) spread.push(step / 10);
}
const [p50, p99] = [percentile(spread, 0.5), percentile(spread, 0.99)];
const max = delays.findLastIndex((at) => at > 0) / 10;
console.log(JSON.stringify({ p50, p99, max, total, messages, cpuS: cpuSeconds() }));
process.exit(0);
