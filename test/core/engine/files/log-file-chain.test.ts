// Which file of an engine's log is behind which, in the moments that a reader of a busy log meets now and then: a rotation
// that is half done, and a file that is being compressed.
import { describe, expect, test } from "bun:test";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { LogFileChain } from "../../../../src/core/engine/files/log-file-chain.ts";
import type { OpenLogFile } from "../../../../src/core/engine/files/open-log-file.ts";
import { createJsonFormat } from "../../../../src/core/engine/records/json-format.ts";
import { type TempDir, tempDir } from "../../../helpers/temp-dir.ts";

/** A file of one record, the `second`-th. */
const text = (second: number): string =>
  `{"log":"line ${second}\\n","stream":"stdout","time":"2026-11-23T07:51:${second}Z"}\n`;
const compressed = (second: number): Uint8Array => gzipSync(text(second));
const part = (second: number): Uint8Array => compressed(second).subarray(0, 20);

class Files implements AsyncDisposable {
  readonly chain: LogFileChain;
  readonly #dir: TempDir;

  constructor(dir: TempDir) {
    this.#dir = dir;
    this.chain = new LogFileChain(this.path("X"), createJsonFormat(), 5, 2 ** 20);
  }

  path(name: string): string {
    return join(this.#dir.path, name);
  }

  async write(files: Record<string, string | Uint8Array>): Promise<void> {
    for (const [name, content] of Object.entries(files)) await Bun.write(this.path(name), content);
  }

  async open(name: string): Promise<OpenLogFile> {
    return (await this.chain.open(this.path(name))) as OpenLogFile;
  }

  /** The text of the file behind `file`. */
  async behind(file: OpenLogFile): Promise<{ text: string; hasMissed: boolean } | undefined> {
    const next = await this.chain.successor(file);
    if (next === undefined) return undefined;
    const read = (await next.file.read(0, 1000)).toString();
    next.file.close();
    return { text: read, hasMissed: next.hasMissed };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}

const files = async (): Promise<Files> => new Files(await tempDir());

describe.each([
  ["plain", "", text],
  ["compressed", ".gz", compressed],
] as const)("the file behind one that has become older (%s)", (_, extension, content) => {
  test("is the one with the number before", async () => {
    await using log = await files();
    await log.write({ X: text(13), [`X.1${extension}`]: content(12), [`X.2${extension}`]: content(11) });
    const file = await log.open(`X.2${extension}`);
    expect(await log.behind(file)).toEqual({ text: text(12), hasMissed: false });
    file.close();
  });

  test("is waited for while a rotation is half done", async () => {
    await using log = await files();
    await log.write({ X: text(12), [`X.2${extension}`]: content(11) });
    const file = await log.open(`X.2${extension}`);
    const found = log.behind(file);
    await Bun.sleep(20);
    await rename(log.path("X"), log.path("X.1"));
    await log.write({ X: text(13) });
    expect(await found).toEqual({ text: text(12), hasMissed: false });
    file.close();
  });

  test("is missed when it does not come", async () => {
    await using log = await files();
    await log.write({ X: text(13), [`X.2${extension}`]: content(11) });
    const file = await log.open(`X.2${extension}`);
    expect(await log.behind(file)).toEqual({ text: text(13), hasMissed: true });
    file.close();
  });
});

describe("a file that is not compressed as a whole", () => {
  test("is waited for while it is being written", async () => {
    await using log = await files();
    await log.write({ X: text(13), "X.1.gz": part(12), "X.2.gz": compressed(11) });
    const file = await log.open("X.2.gz");
    const found = log.behind(file);
    await Bun.sleep(10);
    await log.write({ "X.1.gz": compressed(12) });
    expect(await found).toEqual({ text: text(12), hasMissed: false });
    file.close();
  });

  test.each([
    ["cut", part(12)],
    ["empty", new Uint8Array(0)],
    ["none", Buffer.from("no such thing")],
  ])("is missed when it stays so (%s)", async (_, content) => {
    await using log = await files();
    await log.write({ X: text(13), "X.1.gz": content, "X.2.gz": compressed(11) });
    const file = await log.open("X.2.gz");
    expect(await log.behind(file)).toEqual({ text: text(13), hasMissed: true });
    file.close();
    await log.write({ "X.2.gz": content });
    const oldest = await log.chain.oldest();
    expect(await oldest?.first()).toBe((await (await log.open("X")).first()) as string);
    oldest?.close();
    expect(await log.chain.find("1.000000000")).toBeUndefined();
  });
});

test("a compressed file that unpacks to more than the engine writes into one is passed over, and missed", async () => {
  await using log = await files();
  const bomb = gzipSync(text(12) + " ".repeat(2 ** 20));
  await log.write({ X: text(13), "X.1.gz": bomb, "X.2.gz": compressed(11) });
  expect(await log.open("X.1.gz")).toBeUndefined();
  const file = await log.open("X.2.gz");
  expect(await log.behind(file)).toEqual({ text: text(13), hasMissed: true });
  file.close();
});
