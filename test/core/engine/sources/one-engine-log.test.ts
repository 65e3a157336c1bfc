// A log that is followed across an engine's end: what the next engine writes is not taken for the same engine's.
import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { oneEngineLog } from "../../../../src/core/engine/sources/one-engine-log.ts";
import { type Cut, EngineCut } from "../../../../src/core/engine/takeover/engine-cut.ts";
import { LogEndWatch } from "../../../../src/core/engine/takeover/log-end-watch.ts";
import { tempDir } from "../../../helpers/temp-dir.ts";
import { KnownLog } from "./known-log.ts";

test("records are given until another engine has left its trace, however late its end is heard of", async () => {
  await using dir = await tempDir();
  const address = { host: `unix://${dir.path}/docker.sock`, namedBy: "", certDir: "" };
  await Bun.write(`${dir.path}/docker.pid`, "1");
  const known = new KnownLog(() => 1);
  known.add("stdout", "of the first engine\n");
  known.add("stdout", "of the next engine\n");
  const reading = oneEngineLog(known, address).read({ follow: true }, new AbortController().signal);
  const items = reading[Symbol.asyncIterator]();
  expect((await items.next()).value).toMatchObject({ offset: 1 });
  await rm(`${dir.path}/docker.pid`);
  await Bun.write(`${dir.path}/docker.pid`, "22");
  await expect(items.next()).rejects.toThrow("was started again");
});

test("an end that is noticed when the next engine is there is where that one began, by its own clock", async () => {
  await using dir = await tempDir();
  await Bun.write(`${dir.path}/docker.pid`, "22");
  const fromMs = performance.now();
  const cut: Cut = {
    ...{ id: "one", fromMs, toMs: fromMs + 5000, silentMs: 0 },
    ...{ memory: undefined, isTold: false, stops: [] },
  };
  const address = { host: `unix://${dir.path}/docker.sock`, namedBy: "", certDir: "" };
  using _ = new LogEndWatch(address, `${dir.path}/log`, "of the one before", cut, () => {});
  const aheadMs = Date.now() - performance.now();
  const memory = { wasAttached: false, sawStart: false, sawEnd: false, isWhole: true };
  const engineCut = new EngineCut({
    ...{ cut, memory: { ...memory, aheadMs: [aheadMs, aheadMs] }, unfinished: {} },
    ...{ isDown: false, hasStops: true, onTold: () => {} },
  });
  const isBefore = (ms: number): boolean =>
    engineCut.isBefore(
      { stream: "stdout", bytes: Buffer.from("x\n"), seconds: 0, nanos: ms * 1e6 },
      undefined,
    );
  const beganMs = cut.nextBeganMs ?? 0;
  expect([isBefore(beganMs - 1), isBefore(beganMs + 1)]).toEqual([false, true]);
});
