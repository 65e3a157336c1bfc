// The folder of the docker command's own settings.
import { homedir } from "node:os";
import { join } from "node:path";

/** DOCKER_CONFIG, else .docker in the home folder; a place where nothing is for a user that has no home. */
export function dockerFolder(env: Record<string, string | undefined> = process.env): string {
  return env["DOCKER_CONFIG"] || join(homeFolder(env) ?? "/nonexistent", ".docker");
}

/** undefined: this user has none (`homedir` throws for one that the system does not know). */
export function homeFolder(env: Record<string, string | undefined> = process.env): string | undefined {
  if (env["HOME"]) return env["HOME"];
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
