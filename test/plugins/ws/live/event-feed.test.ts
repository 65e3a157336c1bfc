import { expect, test } from "bun:test";
import type { MasterEvent } from "../../../../src/core/plugin-api.ts";
import { WorkerInfo } from "../../../../src/core/rpc/gen/tasklog/v1/task.ts";
import { EventFeed } from "../../../../src/plugins/ws/live/event-feed.ts";

function countingHost() {
  const counts = { lists: 0 };
  const worker = WorkerInfo.fromPartial({ id: "w", name: "here" });
  const host = {
    signal: new AbortController().signal,
    tasks: { list: async () => [] },
    workers: {
      list: async () => {
        counts.lists++;
        return [worker];
      },
    },
  };
  // biome-ignore lint/suspicious/noExplicitAny: a feed asks its host for these alone
  return { counts, worker, feed: new EventFeed(host as any) };
}

test("pages that connect at the same time share one snapshot, one that comes later gets a new one", async () => {
  const { feed, counts } = countingHost();
  const texts = await Promise.all(Array.from({ length: 100 }, () => feed.snapshot()));
  expect(counts.lists).toBe(1);
  expect(new Set(texts).size).toBe(1);
  expect(String(texts[0])).toContain('"name":"here"');
  await feed.snapshot();
  expect(counts.lists).toBe(2);
});

test("pages get their snapshots in several turns of the event loop", async () => {
  const { feed } = countingHost();
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  const turnsAt = new Set<number>();
  await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      await feed.snapshot();
      if (n === 0) count();
      turnsAt.add(turns);
    }),
  );
  isOver = true;
  expect(turnsAt.size).toBeGreaterThanOrEqual(9);
});

test("an event becomes text once", () => {
  const { feed, worker } = countingHost();
  const event: MasterEvent = { kind: "worker_joined", worker };
  expect(feed.text(event)).toBe(feed.text(event));
});
