// The traces that an engine on this host leaves when it begins: its socket, and beside it the file with its process
// id. Both are made anew by each engine before it looks at any container, so other ones mean another engine. A socket
// that systemd holds for the engine is no sign of that; the other file is one there, too.
import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EngineAddress } from "./engine-address.ts";

export interface EngineTrace {
  /** Another one is of another engine; the same one may be of another engine, too. */
  id: string;
  /** The time when it began, in ms of the Unix epoch by the clock of this host, which is the engine's own. */
  beganMs: number;
}

/** Returns undefined for an engine on another host, and where there is none. */
export function engineTrace({ host }: EngineAddress): EngineTrace | undefined {
  if (!host.startsWith("unix://")) return undefined;
  const socket = host.slice("unix://".length);
  const found = [socket, join(dirname(socket), "docker.pid")]
    .map((path) => statSync(path, { throwIfNoEntry: false }))
    .filter((stats) => stats !== undefined);
  if (found.length === 0) return undefined;
  return {
    id: found.map(({ ino, mtimeMs }) => `${ino} ${mtimeMs}`).join(" "),
    beganMs: Math.max(...found.map(({ mtimeMs }) => mtimeMs)),
  };
}
