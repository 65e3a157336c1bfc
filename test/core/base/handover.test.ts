import { expect, test } from "bun:test";
import { Handover } from "../../../src/core/base/handover.ts";

test("give waits until the item was taken, and items come one at a time in order", async () => {
  const handover = new Handover<number>();
  const giving = (async () => {
    for (const item of [1, 2, 3]) await handover.give(item);
    handover.end();
  })();
  const taken: number[] = [];
  for (let step = await handover.take(); !step.done; step = await handover.take()) taken.push(step.value);
  await giving;
  expect(taken).toEqual([1, 2, 3]);
});

test("end - a failure is thrown behind what was given", async () => {
  const handover = new Handover<number>();
  const giving = handover.give(1);
  handover.end(new Error("over"));
  expect(await handover.take()).toEqual({ value: 1, done: false });
  await giving;
  await expect(handover.take()).rejects.toThrow("over");
});

test("leave - both ends go on: the one that gives, and the one that waits for an item", async () => {
  const full = new Handover<number>();
  const giving = full.give(1);
  full.leave();
  await giving;
  const empty = new Handover<number>();
  const taking = empty.take();
  empty.leave();
  expect(await taking).toEqual({ value: undefined, done: true });
});
