// The home folder of whoever runs tasklog, on systems where they have none.
import { homedir } from "node:os";

/** HOME, else what the system knows. undefined: this user has none (`homedir` throws for one that the system does not know). */
export function homeFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  if (env["HOME"]) return env["HOME"];
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
