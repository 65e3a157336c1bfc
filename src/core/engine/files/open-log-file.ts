// One file of an engine's log, open: it stays readable under whatever name it gets, and when it has none any more. A
// compressed one is unpacked into a file without a name first, so that all of them are read the same way. Only reading
// takes promises: in a burst, a name means something else before a promise is kept.
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  openSync,
  read as readWithCallback,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGunzip } from "node:zlib";
import { engineRecordBytesMax } from "../../base/limits.ts";
import type { LogRecord, RecordFormat } from "../records/record-format.ts";
import { fileId, firstRecord, firstStamp, ifNotThere, stampText } from "./file-identity.ts";

/** Enough for nearly every record. */
const recordBytesUsual = 64 * 1024;

const read = promisify(readWithCallback);

export class OpenLogFile {
  readonly #fd: number;
  readonly #format: RecordFormat;
  /** The file's id; an unpacked copy has its own. */
  readonly id: string;
  #first: string | undefined;

  private constructor(fd: number, format: RecordFormat) {
    this.#fd = fd;
    try {
      this.id = fileId(fstatSync(fd));
    } catch (thrown) {
      closeSync(fd);
      throw thrown;
    }
    this.#format = format;
  }

  /**
   * Undefined where there is no such file, or one that is not compressed as a whole, or unpacks to more than
   * `unpackedBytesMax` bytes.
   */
  static async open(
    path: string,
    format: RecordFormat,
    unpackedBytesMax: number,
  ): Promise<OpenLogFile | undefined> {
    if (!path.endsWith(".gz")) return OpenLogFile.openNow(path, format);
    const fd = await unpack(path, unpackedBytesMax).catch(ifNotThere(undefined));
    return fd === undefined ? undefined : new OpenLogFile(fd, format);
  }

  /** Wraps a file that is open already; it is closed with this. */
  static of(fd: number, format: RecordFormat): OpenLogFile {
    return new OpenLogFile(fd, format);
  }

  /** The same at once, of one that is not compressed. */
  static openNow(path: string, format: RecordFormat): OpenLogFile | undefined {
    try {
      return new OpenLogFile(openSync(path, "r"), format);
    } catch (thrown) {
      return ifNotThere(undefined)(thrown);
    }
  }

  /** The stamp of its first record; undefined while there is none. */
  async first(): Promise<string | undefined> {
    for (let bytes = recordBytesUsual; this.#first === undefined; bytes *= 4) {
      const piece = await this.read(0, bytes);
      this.#first = stampText(firstRecord(piece, this.#format));
      if (piece.length < bytes || bytes >= engineRecordBytesMax) break;
    }
    return this.#first;
  }

  /** It was emptied: what it begins with is not known any more. */
  forget(): void {
    this.#first = undefined;
  }

  /** True if `path` names this file, or its compressed copy. */
  async isAt(path: string): Promise<boolean> {
    if (path.endsWith(".gz")) {
      const first = await this.first();
      return first !== undefined && first === (await firstStamp(path, this.#format));
    }
    return this.isNamed(path);
  }

  /** The same at once, of a file that is not compressed. */
  isNamed(path: string): boolean {
    const found = statSync(path, { throwIfNoEntry: false });
    return found !== undefined && fileId(found) === this.id;
  }

  /** Bytes, and ms of the Unix epoch. */
  look(): { size: number; changedMs: number } {
    const { size, mtimeMs } = fstatSync(this.#fd);
    return { size, changedMs: mtimeMs };
  }

  /** Up to `bytes` bytes from `at` on; less only at the end of the file. */
  async read(at: number, bytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafeSlow(bytes);
    let filled = 0;
    while (filled < bytes) {
      const { bytesRead } = await read(this.#fd, buffer, filled, bytes - filled, at + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** The stamp of the record that ends at `end`; undefined where none does. */
  async stampBefore(end: number): Promise<string | undefined> {
    for (let bytes = recordBytesUsual; ; bytes *= 4) {
      const from = Math.max(0, end - bytes);
      const piece = await this.read(from, end - from);
      if (piece.length < end - from) return undefined;
      const start = this.#format.startOf(piece, piece.length);
      if (start >= 0 || from === 0) {
        const records: LogRecord[] = [];
        const behind = this.#format.decode(piece, Math.max(0, start), piece.length, records);
        return behind === piece.length ? stampText(records[0]) : undefined;
      }
      if (bytes >= engineRecordBytesMax) return undefined;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

async function unpack(path: string, bytesMax: number): Promise<number> {
  const copy = join(tmpdir(), `tasklog-engine-log-${process.pid}-${crypto.randomUUID()}`);
  try {
    const packed = createReadStream(path);
    const bound = (text: AsyncIterable<Buffer>) => upTo(text, bytesMax);
    await pipeline(packed, createGunzip(), bound, createWriteStream(copy, { mode: 0o600 }));
    return openSync(copy, "r");
  } finally {
    rmSync(copy, { force: true });
  }
}

async function* upTo(text: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Buffer> {
  let left = bytesMax;
  for await (const piece of text) {
    left -= piece.length;
    if (left < 0)
      throw Object.assign(new Error(`it unpacks to more than ${bytesMax} bytes`), { code: "EFBIG" });
    yield piece;
  }
}
