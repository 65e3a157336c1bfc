// Turns the text of one segment into a sealed one. What was written is read back, decompressed and compared with the text
// by hash before it gets its name; only then does the caller remove the text. A crash at any moment leaves the text.
import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import { TasklogError } from "../../base/errors.ts";
import { IndexTable } from "./index-table.ts";
import type { PlainSegment } from "./plain-segment.ts";
import { readFully } from "./scan-text.ts";
import { frameTextBytes, readFrame, SealedSegment } from "./sealed-segment.ts";
import { indexPath, segmentPath, syncDir } from "./segment-files.ts";

const compress = promisify(zstdCompress);
const zstdParams = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 };

/** Writes the sealed segment beside the text. Throws TasklogError, with nothing left behind, if it cannot be done. */
export async function sealSegment(segment: PlainSegment, signal?: AbortSignal): Promise<SealedSegment> {
  const file = { firstSeq: segment.file.firstSeq, sealed: true };
  const path = segmentPath(segment.dir, file);
  const draft = `${path}.new`;
  try {
    await writeSealed(segment, draft, indexPath(segment.dir, file), signal);
    await rename(draft, path);
    await syncDir(segment.dir);
    return await SealedSegment.open(segment.dir, segment.base);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    if (error instanceof TasklogError || signal?.aborted) throw TasklogError.from(error);
    const cause = error as Error;
    throw new TasklogError("unavailable", `cannot seal ${segment.path}: ${cause.message}`, { cause });
  }
}

async function writeSealed(
  segment: PlainSegment,
  draft: string,
  indexFile: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  await using from = await open(segment.path, "r");
  await using to = await open(draft, "w+", 0o600);
  const { table, hash } = await compressText(segment, from, to, signal);
  if ((await hashFrames(to, table, signal)) !== hash) {
    throw new TasklogError(
      "internal",
      `${segment.path} was not sealed: what was compressed does not read back the same`,
    );
  }
  await to.datasync();
  await writeFile(indexFile, table.encoded(), { mode: 0o600 });
}

async function compressText(
  segment: PlainSegment,
  from: FileHandle,
  to: FileHandle,
  signal: AbortSignal | undefined,
): Promise<{ table: IndexTable; hash: string }> {
  const marks = await segment.index();
  const table = new IndexTable();
  const hash = createHash("sha256");
  let packedBytes = 0;
  let start = 0;
  table.add(0, marks.tallyAt(0));
  for (let mark = 1; mark < marks.count; mark++) {
    const length = marks.offsetAt(mark) - start;
    if (length < frameTextBytes && mark + 1 < marks.count) continue;
    if (length === 0) continue;
    signal?.throwIfAborted();
    const text = Buffer.allocUnsafeSlow(length);
    if ((await readFully(from, text, length, start)) < length) {
      throw new TasklogError("internal", `${segment.path} became shorter while it was sealed`);
    }
    hash.update(text);
    const packed = await compress(text, { params: zstdParams });
    await to.writeFile(packed);
    packedBytes += packed.length;
    start += length;
    table.add(packedBytes, marks.tallyAt(mark));
  }
  return { table, hash: hash.digest("hex") };
}

async function hashFrames(
  handle: FileHandle,
  table: IndexTable,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash("sha256");
  for (let mark = 0; mark + 1 < table.count; mark++) {
    signal?.throwIfAborted();
    hash.update(await readFrame(handle, table.offsetAt(mark), table.offsetAt(mark + 1)));
  }
  return hash.digest("hex");
}
