// A disk that is really slow: a file system in a file on a loop device, written through at each write, whose device takes
// so many bytes a second from the processes put into a control group. Root, loop devices and the first version of
// control groups are needed (`blkio`); where they are not to be had the file system is undefined.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmdirSync, truncateSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { until } from "./until.ts";

const cgroupFolder = "/sys/fs/cgroup/blkio";
const limit = "blkio.throttle.write_bps_device";

export interface SlowDisk extends AsyncDisposable {
  readonly path: string;
  /** Writes of this process are held back from now on. */
  slowDown(pid: number): void;
  /** The disk takes so many bytes a second; 0: as many as it can. */
  setRate(bytesPerSecond: number): void;
}

/** In a new folder of `dir`. */
export async function mountSlowDisk(dir: string, megabytes: number): Promise<SlowDisk | undefined> {
  if (!existsSync(join(cgroupFolder, limit))) return undefined;
  const [image, path] = [join(dir, "slow.img"), join(dir, "slow")];
  await mkdir(path);
  writeFileSync(image, "");
  truncateSync(image, megabytes * 1024 * 1024);
  const found = spawnSync("losetup", ["--find", "--show", image], { encoding: "utf8" });
  const device = found.stdout?.trim() ?? "";
  if (found.status !== 0) return undefined;
  const isMounted =
    spawnSync("mkfs.ext4", ["-q", device]).status === 0 &&
    spawnSync("mount", ["-o", "sync", device, path]).status === 0;
  if (!isMounted) {
    spawnSync("losetup", ["--detach", device]);
    return undefined;
  }
  const group = join(cgroupFolder, `tasklog-test-${crypto.randomUUID().slice(0, 8)}`);
  const number = readFileSync(`/sys/block/${basename(device)}/dev`, "utf8").trim();
  await mkdir(group);
  const setRate = (bytesPerSecond: number) =>
    writeFileSync(join(group, limit), `${number} ${bytesPerSecond}`);
  return {
    path,
    setRate,
    slowDown: (pid) => writeFileSync(join(group, "cgroup.procs"), String(pid)),
    async [Symbol.asyncDispose]() {
      setRate(0);
      spawnSync("umount", ["--lazy", path]);
      spawnSync("losetup", ["--detach", device]);
      await until("the group is empty", () => readFileSync(join(group, "cgroup.procs"), "utf8") === "");
      rmdirSync(group);
    },
  };
}
