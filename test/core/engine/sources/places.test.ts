// A reader of the engine's log that was left is taken up again exactly, at any place and any line behind it; and a log
// is begun where it is asked to be.
import { describe, expect, test } from "bun:test";
import type { EngineLog, EngineLogQuery } from "../../../../src/core/engine/sources/engine-log.ts";
import { useEngine } from "../../../helpers/engine.ts";
import { withRandom } from "../../../helpers/random.ts";
import { createPrinting, numbers, type Read, readLog, rotating } from "./engine-log.ts";

const host = await useEngine();
const drivers = ["json-file", "local"].map((driver) => [driver] as const);

/** Both streams, in the order in which their lines end. */
async function linesOf(log: EngineLog, query: Partial<EngineLogQuery> = {}): Promise<string[]> {
  const lines: string[] = [];
  const rest: Record<string, string> = { stdout: "", stderr: "" };
  for await (const item of log.read({ follow: false, ...query }, new AbortController().signal)) {
    if ("missing" in item) throw new Error(item.missing.reason);
    for (const { stream, bytes } of item.records) {
      const pieces = (rest[stream] + Buffer.from(bytes).toString("latin1")).split("\n");
      rest[stream] = pieces.pop() as string;
      lines.push(...pieces.map((piece) => `${stream} ${piece}`));
    }
  }
  return lines;
}

/** Long lines of one stream, in parts, and short ones of the other between them. */
const mixed = `for i in $(seq 1 60); do
  head -c $((i * 1500)) /dev/zero | tr '\\0' "$((i % 10))"; echo " $i"
done & for i in $(seq 1 3000); do echo "short $i" >&2; done; wait; ${numbers(3000)}; printf prompt`;

describe.each(drivers)("%s", (driver) => {
  test(
    "any place and any number of lines behind it is taken up exactly",
    () =>
      withRandom(async (random) => {
        await using printing = await createPrinting(host, mixed, rotating(driver, { "max-file": "9" }));
        await printing.container.start();
        await printing.container.wait();
        const log = await printing.log();
        const all = await linesOf(log);
        expect(all.length).toBe(60 + 3000 + 6000);
        const { places } = await readLog(log, { follow: false });
        expect(places.length).toBeGreaterThan(3);
        for (const { place, lines } of places) {
          const skipLines = random.between(0, all.length - lines);
          const kept = JSON.parse(JSON.stringify(place));
          expect(await linesOf(log, { from: kept })).toEqual(all.slice(lines));
          expect(await linesOf(log, { from: kept, skipLines })).toEqual(all.slice(lines + skipLines));
        }
        for (const tail of [0, 1, 7, 3000, 8000, all.length, all.length + 1]) {
          expect(await linesOf(log, { tail })).toEqual(tail === 0 ? [] : all.slice(-tail));
        }
      }),
    60_000,
  );

  test("a place outlives rotation and compression while it is not read", async () => {
    const script = `${numbers(5000)}; while [ ! -e /go ]; do sleep 0.05; done; ${numbers(40_000, 5001)}`;
    await using printing = await createPrinting(
      host,
      script,
      rotating(driver, { compress: "true", "max-file": "9" }),
    );
    await printing.container.start();
    const leaving = new AbortController();
    const begun = await readLog(await printing.log(), {}, leaving.signal, ({ stdout, stderr }) => {
      if (stdout.length + stderr.length === 10_000) leaving.abort();
    });
    const exec = await printing.container.exec({ Cmd: ["touch", "/go"] });
    await exec.start({ Detach: true });
    await printing.container.wait();
    const place = begun.places.at(-1);
    const read = await readLog(await printing.log(), { from: place?.place });
    expect(read.gaps).toEqual([]);
    const numbersOf = (lines: string[]): number[] => lines.map((line) => Number(line.slice(5)));
    for (const stream of ["stdout", "stderr"] as const) {
      expect(numbersOf(read[stream])).toEqual(Array.from({ length: 35_000 }, (_, index) => 5001 + index));
    }
    expect(place?.lines).toBe(10_000);
  }, 60_000);

  test("a time begins with its first record", async () => {
    await using printing = await createPrinting(
      host,
      "seq 1 50000; sleep 1.5; seq 50001 50100",
      rotating(driver),
    );
    await printing.container.start();
    await printing.container.wait();
    const log = await printing.log();
    let since = { seconds: 0, nanos: 0 };
    for await (const item of log.read({ follow: false }, new AbortController().signal)) {
      if ("missing" in item) continue;
      for (const { bytes, seconds = 0, nanos = 0 } of item.records) {
        if (`${Buffer.from(bytes)}` === "50001\n") since = { seconds, nanos };
      }
    }
    const lines = await linesOf(log, { since });
    expect(lines).toEqual(Array.from({ length: 100 }, (_, index) => `stdout ${50_001 + index}`));
  }, 30_000);

  test("an empty log, and text without a newline", async () => {
    await using silent = await createPrinting(host, "exit 0", rotating(driver));
    const before = await silent.log();
    expect(await linesOf(before)).toEqual([]);
    await silent.container.start();
    expect(await readLog(before)).toMatchObject({ stdout: [], stderr: [], gaps: [] });
    await using prompting = await createPrinting(
      host,
      "printf question; printf warning >&2",
      rotating(driver),
    );
    await prompting.container.start();
    const read: Read = await readLog(await prompting.log());
    expect(read).toMatchObject({ stdout: [], stderr: [], rest: { stdout: "question", stderr: "warning" } });
  });

  test("a container that is started again goes on in the same log", async () => {
    await using printing = await createPrinting(
      host,
      `${numbers(20_000)}; sleep 0.2; exit 3`,
      rotating(driver),
      {
        RestartPolicy: { Name: "on-failure", MaximumRetryCount: 2 },
      },
    );
    await printing.container.start();
    const read = await readLog(await printing.log());
    expect(read.gaps).toEqual([]);
    const once = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}`);
    expect(read.stdout).toEqual([...once, ...once, ...once]);
    expect(read.stderr).toEqual([...once, ...once, ...once]);
  }, 60_000);
});

test("all bytes come as they were printed, but for what json-file cannot hold", async () => {
  const bytes = Buffer.from([...Array(256).keys()].filter((byte) => byte !== 10));
  const script = `printf '${[...bytes].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}\\n'; echo '"\\\\<&>é😀'`;
  await using local = await createPrinting(host, script, rotating("local"));
  await local.container.start();
  const [first, second] = (await readLog(await local.log())).stdout;
  expect(first).toBe(bytes.toString("latin1"));
  await using json = await createPrinting(host, script, rotating("json-file"));
  await json.container.start();
  const read = await readLog(await json.log());
  expect(Buffer.from(read.stdout[0] as string, "latin1").toString()).toBe(bytes.toString());
  expect(read.stdout[1]).toBe(second as string);
});

test("a log whose file is not here comes from the API, which says what it may lose", async () => {
  await using printing = await createPrinting(host, "echo here", rotating("json-file"));
  await printing.container.start();
  const info = await printing.info();
  const { openEngineLog } = await import("../../../../src/core/engine/sources/open-engine-log.ts");
  const log = await openEngineLog(printing.engine, {
    ...info,
    LogPath: `/elsewhere/${info.Id}/${info.Id}-json.log`,
  });
  expect(log.kind).toBe("logs-api");
  expect(log.limits).toContain("its log file is not on this host");
  expect(log.limits).toContain("leaves out lines without a word");
  const { places, stdout } = await readLog(log);
  expect(stdout).toEqual(["here"]);
  expect((await readLog(log, { from: places.at(-1)?.place })).stdout).toEqual([]);
});
