import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of the files in a folder; 0 when there is none. */
export async function bytesIn(dir: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(dir).catch(() => [])) {
    bytes += await stat(join(dir, name)).then(
      (file) => file.size,
      () => 0,
    );
  }
  return bytes;
}
