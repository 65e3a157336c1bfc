// Lines that are gone, as each interface of the plugin ws tells them: a client that counts seqs and gaps misses nothing.
import { expect, setDefaultTimeout, test } from "bun:test";
import { startTasklog } from "../helpers/tasklog.ts";
import { until } from "../helpers/until.ts";

setDefaultTimeout(60_000);

const linesCount = 100_000;

interface Told {
  readonly firstLine: number;
  readonly gap: object;
}

test("retention - the gap that it leaves is told by sockets, event streams, pages and downloads alike", async () => {
  await using t = await startTasklog(
    "--runtime",
    "process",
    "--task-bytes-max",
    "1m",
    "--retain-every",
    "100ms",
  );
  const script = `seq ${linesCount}; until [ -e ${t.path("removed")} ]; do sleep 0.1; done`;
  const submitted = await fetch(`http://${t.http}/api/v1/tasks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ command: ["sh", "-c", script], runtime: "process" }),
  });
  const { id } = (await submitted.json()) as { id: string };
  const log = `http://${t.http}/api/v1/tasks/${id}/log`;
  const info = async () =>
    (await (await fetch(`${log}/info`)).json()) as { firstSeq: number; complete: boolean };
  // Compressed, as it will be when the task is done, all of it has room.
  await until("the first lines are removed", async () => (await info()).firstSeq > 1);
  await Bun.write(t.path("removed"), "");
  await until("the task is done", async () => (await info()).complete);
  const all: Record<string, Told> = {
    plain: await ofSocket(`ws://${t.http}/logs/${id}?all=1`),
    "tasklog.v1": await ofSocket(`ws://${t.http}/logs/${id}?all=1`, "tasklog.v1"),
    events: await ofEvents(`http://${t.http}/logs/${id}?all=1`),
    download: await ofDownload(`${log}?format=ndjson`),
  };
  const reason = "removed by retention";
  for (const [name, { firstLine, gap }] of Object.entries(all)) {
    expect([name, firstLine > 1]).toEqual([name, true]);
    expect([name, gap]).toEqual([
      name,
      expect.objectContaining({ fromSeq: 1, toSeq: firstLine - 1, count: firstLine - 1, reason }),
    ]);
  }
  const page = async (query: string) => (await fetch(`${log}?${query}`)).json();
  expect(await page("backwards=1&to=10")).toMatchObject({
    gaps: [{ fromSeq: 1, toSeq: 10, reason }],
    lines: [],
  });
  expect(await page("from=1&limit=5")).toMatchObject({ gaps: [{ fromSeq: 1, toSeq: 5, reason }] });
  expect(await page("limit=1")).toMatchObject({ gaps: [], lines: [{ stream: "stdout" }] });
});

async function ofSocket(url: string, protocol?: string): Promise<Told> {
  const socket = new WebSocket(url, protocol);
  let gap = {};
  try {
    return await new Promise((resolve, reject) => {
      socket.onerror = reject;
      socket.onmessage = ({ data }) => {
        const frame = JSON.parse(String(data));
        if (frame.type === "gap") gap = frame;
        const seq = frame.type === "lines" ? frame.firstSeq : frame.type === "log" ? frame.seq : undefined;
        if (seq !== undefined) resolve({ firstLine: seq, gap });
      };
    });
  } finally {
    socket.close();
  }
}

async function ofEvents(url: string): Promise<Told> {
  const text = await (await fetch(url, { headers: { accept: "text/event-stream" } })).text();
  const [, gap = "{}"] = /^event: gap\nid: \d+\ndata: (.*)$/m.exec(text) ?? [];
  return { firstLine: Number(/^id: (\d+)\ndata: \{"seq"/m.exec(text)?.[1]), gap: JSON.parse(gap) };
}

async function ofDownload(url: string): Promise<Told> {
  const [first = "{}", second = "{}"] = (await (await fetch(url)).text()).split("\n", 2);
  return { firstLine: JSON.parse(second).seq, gap: JSON.parse(first).gap };
}
