// Two processes with the same id share a kernel and a network namespace: bytes between them cross no wire, so
// batches are not compressed there.
import { readFileSync, readlinkSync } from "node:fs";
import { hostName } from "./host-name.ts";

export function hostId(): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${readlinkSync("/proc/self/ns/net")}`;
  } catch {
    return hostName();
  }
}
