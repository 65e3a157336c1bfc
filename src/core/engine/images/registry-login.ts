// The login that `docker login` left in the docker command's own config for the registry of an image. Plain entries
// only: credential helpers are programs that may ask the user something, and a worker has nobody to ask.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { AuthConfig } from "dockerode";

const dockerHub = "https://index.docker.io/v1/";

export function registryLogin(
  image: string,
  folder = process.env["DOCKER_CONFIG"] ?? join(homedir(), ".docker"),
): AuthConfig | undefined {
  const registry = registryOf(image);
  const [username, ...password] = Buffer.from(entryOf(folder, registry), "base64").toString().split(":");
  if (!username || password.length === 0) return undefined;
  return { username, password: password.join(":"), serveraddress: registry };
}

/** The part before the first slash, where it looks like a host; else Docker Hub. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : dockerHub;
}

function entryOf(folder: string, registry: string): string {
  try {
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) as {
      auths?: Record<string, { auth?: string }>;
    };
    return config.auths?.[registry]?.auth ?? config.auths?.[`https://${registry}`]?.auth ?? "";
  } catch {
    return "";
  }
}
