// A worker's id is the same again after its data folder was wiped: the containers it started carry it as a label, and
// are found and taken over by it. Two workers of one host have two folders and so two ids.
import { createHash } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { hostName } from "../base/host-name.ts";

export function workerIdFor(dataDir: string): string {
  const host = machineId() ?? hostName();
  const digest = createHash("sha256")
    .update(`${host}\n${realpathSync(dataDir)}`)
    .digest("hex");
  return `worker-${digest.slice(0, 12)}`;
}

function machineId(): string | undefined {
  try {
    return readFileSync("/etc/machine-id", "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}
