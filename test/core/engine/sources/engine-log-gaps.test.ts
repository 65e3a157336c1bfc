// Where lines of the engine's log are gone, a gap stands in their place, and only there.
import { describe, expect, test } from "bun:test";
import { truncate } from "node:fs/promises";
import { useEngine } from "../../../helpers/engine.ts";
import { until } from "../../../helpers/until.ts";
import {
  createPrinting,
  faults,
  missingInGaps,
  numbers,
  type Read,
  readLog,
  rotating,
} from "./engine-log.ts";

const host = await useEngine();
const lines = 100_000;

describe.each([
  // With three files only, a machine that is busy enough may let no moment to open one.
  ["json-file", rotating("json-file", { "max-file": "8" })],
  ["json-file, compressed", rotating("json-file", { "max-file": "8", compress: "true" })],
  ["local", rotating("local", { "max-file": "8" })],
])("a reader of %s that stops", (_, config) => {
  const stopped = async (script: string): Promise<Read> => {
    await using printing = await createPrinting(host, script, config);
    const log = await printing.log();
    let hasStopped = false;
    const reading = readLog(log, {}, undefined, async () => {
      if (hasStopped) return;
      hasStopped = true;
      await printing.container.wait();
    });
    await printing.container.start();
    return await reading;
  };

  test("loses nothing while the files that rotation removes are held for it", async () => {
    const read = await stopped(numbers(lines));
    expect(read.gaps).toEqual([]);
    expect(faults(read, lines)).toEqual([]);
  }, 60_000);

  test("is overtaken when it is too far behind, and told so in the place where lines are missing", async () => {
    const long = `sed 's/$/ ${"x".repeat(1900)}/'`;
    const read = await stopped(`(${numbers(20_000).replaceAll("sed ", `${long} | sed `)})`);
    expect(read.gaps[0]?.reason).toBe("the engine's log rotated away what had not been read yet");
    expect(missingInGaps(read, 20_000)).toBeGreaterThan(0);
  }, 60_000);
});

test("a place that was rotated away is a gap, and what there is comes behind it", async () => {
  await using printing = await createPrinting(host, numbers(lines), rotating("json-file"));
  await printing.container.start();
  const leaving = new AbortController();
  const begun = await readLog(await printing.log(), {}, leaving.signal, () => leaving.abort());
  await printing.container.wait();
  const from = begun.places.at(-1)?.place;
  const read = await readLog(await printing.log(), { from, skipLines: 1 });
  expect(read.gaps).toEqual([{ reason: "the engine's log had rotated them away", stdout: 0, stderr: 0 }]);
  expect(faults(read, lines, Number(read.stdout[0]?.replace("line ", "")))[0]).not.toContain("stdout");
});

test("a log that was full before it was read may have lost its beginning, which is told; one that was not has all", async () => {
  const before = {
    reason: "perhaps none: the engine's log had rotated before it was read",
    stdout: 0,
    stderr: 0,
  };
  for (const [count, gaps] of [
    [lines, [before]],
    [10_000, []],
  ] as const) {
    await using printing = await createPrinting(host, numbers(count), rotating("json-file"));
    await printing.container.start();
    await printing.container.wait();
    expect((await readLog(await printing.log(), {})).gaps).toEqual([...gaps]);
    expect((await readLog(await printing.log(), { tail: 10 })).gaps).toEqual([]);
  }
});

test("a file that somebody empties is a gap, and reading goes on behind it", async () => {
  const script = "seq 1 1000; while [ ! -e /go ]; do sleep 0.05; done; seq 1001 2000";
  await using printing = await createPrinting(host, script);
  await printing.container.start();
  const { LogPath } = await printing.info();
  let isEmptied = false;
  const read = await readLog(await printing.log(), {}, undefined, async ({ stdout }) => {
    if (isEmptied || stdout.length < 1000) return;
    isEmptied = true;
    await truncate(LogPath);
    const exec = await printing.container.exec({ Cmd: ["touch", "/go"] });
    await exec.start({ Detach: true });
  });
  expect(read.gaps).toEqual([
    { reason: "the engine's log file was emptied before all of it had been read", stdout: 1000, stderr: 0 },
  ]);
  expect(read.stdout).toEqual(Array.from({ length: 2000 }, (_, index) => `${index + 1}`));
});

test("a log with one file, which the engine empties when it is full, is whole for who keeps up", async () => {
  const config = { Type: "json-file", Config: { "max-size": "1m" } };
  const script = "for i in $(seq 1 40); do seq $((i * 1000 - 999)) $((i * 1000)); sleep 0.02; done";
  await using printing = await createPrinting(host, script, config);
  await printing.container.start();
  const read = await readLog(await printing.log());
  expect(read.gaps).toEqual([]);
  expect(read.stdout).toEqual(Array.from({ length: 40_000 }, (_, index) => `${index + 1}`));
});

test("a log that is removed with its container ends", async () => {
  await using printing = await createPrinting(host, "echo here; exec sleep 60");
  await printing.container.start();
  const read = await readLog(await printing.log(), {}, undefined, () =>
    printing.container.remove({ force: true }),
  );
  expect(read).toMatchObject({ stdout: ["here"], gaps: [] });
  await until("it is gone", async () =>
    printing.info().then(
      () => false,
      () => true,
    ),
  );
});
