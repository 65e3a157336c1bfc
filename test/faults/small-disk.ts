// A disk of a few megabytes in memory that can be filled to its last byte. Root on Linux only.
import { spawnSync } from "node:child_process";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

export interface SmallDisk {
  fill(): Promise<void>;
  free(): Promise<void>;
  /** Everything on it is removed. */
  clear(): Promise<void>;
  unmount(): Promise<void>;
}

const pieceBytes = [1024 * 1024, 4096, 1];

export async function mountSmallDisk(dir: string, megabytes: number): Promise<SmallDisk> {
  await mkdir(dir, { recursive: true });
  run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", dir);
  const filler = join(dir, "filler");
  const free = () => rm(filler, { force: true });
  return {
    free,
    async fill() {
      await using file = await open(filler, "a");
      for (const bytes of pieceBytes) {
        const piece = Buffer.alloc(bytes);
        try {
          for (;;) if ((await file.write(piece)).bytesWritten < bytes) break;
        } catch {
          // No room for a piece of this size: then smaller ones.
        }
      }
    },
    async clear() {
      for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true, force: true });
    },
    async unmount() {
      run("umount", dir);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function run(command: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
}
