// Finds where the frames of a zstd file begin and end (RFC 8878) from their headers alone, without decompressing
// anything: for a sealed segment whose index is missing. Skippable frames and dictionaries, which tasklog never
// writes, are refused.
import type { FileHandle } from "node:fs/promises";
import { readFully } from "./scan-text.ts";

const zstdMagic = 0xfd2fb528;
const rleBlockType = 1;
const contentSizeBytes = [0, 2, 4, 8] as const;

/** The offset behind each whole frame from the beginning of the file; stops at what is no frame. */
export async function* frameEnds(handle: FileHandle, fileBytes: number): AsyncGenerator<number> {
  const head = Buffer.alloc(18);
  let at = 0;
  while (at < fileBytes) {
    const got = await readFully(handle, head, Math.min(head.length, fileBytes - at), at);
    if (got < 6 || head.readUInt32LE(0) !== zstdMagic) return;
    const descriptor = head[4] as number;
    const isSingle = (descriptor & 0x20) !== 0;
    if ((descriptor & 0x03) !== 0) return; // a dictionary
    const sizeBytes = contentSizeBytes[descriptor >> 6] as number;
    at += 5 + (isSingle ? Math.max(sizeBytes, 1) : sizeBytes + 1);
    for (let isLast = false; !isLast; ) {
      if ((await readFully(handle, head, 3, at)) < 3) return;
      const block = head.readUIntLE(0, 3);
      isLast = (block & 1) === 1;
      at += 3 + (((block >> 1) & 3) === rleBlockType ? 1 : block >> 3);
    }
    if ((descriptor & 0x04) !== 0) at += 4; // the checksum
    if (at > fileBytes) return;
    yield at;
  }
}
