// The container that this process is in. Adopting it would be a loop: each line read makes a line of one's own log.
// The engine mounts three files from the container's folder, whose path has the id, over those of every container. A
// process outside of containers sees other such mounts, but none at these places.
import { readFileSync } from "node:fs";

const mountPattern = /^\S+ \S+ \S+ \S*\/([0-9a-f]{64})\/\S+ \/etc\/(?:hostname|hosts|resolv\.conf) /m;

/** Its id; undefined outside of containers, and where that cannot be seen (no Linux). */
export function ownContainerId(file = "/proc/self/mountinfo"): string | undefined {
  try {
    return mountPattern.exec(readFileSync(file, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}
