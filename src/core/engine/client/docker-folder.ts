// The folder of the docker command's own settings.
import { join } from "node:path";
import { homeFolder } from "../../base/home-folder.ts";

/** DOCKER_CONFIG, else .docker in the home folder; a place where nothing is for a user that has no home. */
export function dockerFolder(env: Record<string, string | undefined> = process.env): string {
  return env["DOCKER_CONFIG"] || join(homeFolder(env) ?? "/nonexistent", ".docker");
}
