// Names of the files of a log. In its folder stand, for a segment whose first line is number 4711:
//   00000000000000004711.log        the lines as text         00000000000000004711.idx        marks into it
//   00000000000000004711.log.zst    the same, sealed          00000000000000004711.zst.idx    marks into that
// and once `log.json` (log-state.ts). Twenty digits, so that names sort as numbers do.
import type { Dirent } from "node:fs";
import { lstat, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const segmentNamePattern = /^(\d{20})\.log(\.zst)?$/;

export interface SegmentFile {
  readonly firstSeq: number;
  readonly sealed: boolean;
}

export function segmentPath(dir: string, file: SegmentFile): string {
  return join(dir, `${digits(file)}.log${file.sealed ? ".zst" : ""}`);
}

export function indexPath(dir: string, file: SegmentFile): string {
  return join(dir, `${digits(file)}${file.sealed ? ".zst" : ""}.idx`);
}

function digits(file: SegmentFile): string {
  return String(file.firstSeq).padStart(20, "0");
}

/** The segments in `dir` by first seq; the text before the sealed one where both are there. No folder: none. */
export async function listSegmentFiles(dir: string): Promise<SegmentFile[]> {
  const files: SegmentFile[] = [];
  for (const entry of await entriesOf(dir)) {
    const match = segmentNamePattern.exec(entry.name);
    if (match && entry.isFile()) files.push({ firstSeq: Number(match[1]), sealed: match[2] !== undefined });
  }
  return files.sort((a, b) => a.firstSeq - b.firstSeq || Number(a.sealed) - Number(b.sealed));
}

/** Lists entries of `dir` that have the name of a log's file and are no files: opening a pipe would wait for ever. */
export async function listMisplaced(dir: string): Promise<string[]> {
  const entries = await entriesOf(dir);
  return entries
    .filter((entry) => !entry.isFile() && /^(\d{20}\..*|log\.json)$/.test(entry.name))
    .map(({ name }) => name);
}

function entriesOf(dir: string): Promise<Dirent[]> {
  return readdir(dir, { withFileTypes: true }).catch(ifMissing<Dirent[]>([]));
}

/** Reads a small file; undefined if there is none, or if something else has its name. */
export async function readIfFile(path: string): Promise<Buffer | undefined> {
  const found = await lstat(path).catch(ifMissing(undefined));
  return found?.isFile() ? await readFile(path).catch(ifMissing(undefined)) : undefined;
}

/** Makes the names in a folder outlive a loss of power. */
export async function syncDir(dir: string): Promise<void> {
  const handle = await open(dir, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a handler for `catch` that returns `value` for a missing file and rethrows any other failure. */
export function ifMissing<T>(value: T): (thrown: unknown) => T {
  return (thrown) => {
    if (isMissing(thrown)) return value;
    throw thrown;
  };
}

export function isMissing(thrown: unknown): boolean {
  const code = (thrown as NodeJS.ErrnoException | null)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}
