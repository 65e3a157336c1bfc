// The login of an image's registry, found as `docker pull` finds it: in the docker command's own config, or with the credential
// helper that is named there. Helpers are asked on no terminal and for a bounded time: a worker has nobody to answer them.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AuthConfig } from "dockerode";
import { TasklogError } from "../../base/errors.ts";
import { dockerFolder } from "../client/docker-folder.ts";

/** The name of Docker Hub in the config; what images call it: docker.io, index.docker.io, or nothing. */
const dockerHub = "https://index.docker.io/v1/";
const dockerHubHosts = new Set([
  "docker.io",
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
]);
/** A helper that wants to ask somebody would wait for ever, in ms. */
const helperMs = 30_000;
/** The answer of helpers that have no login. */
const nothingThere = /credentials not found|no such|not found in native keychain/i;

interface DockerConfig {
  auths?: Record<string, ConfigEntry>;
  credsStore?: string;
  credHelpers?: Record<string, string>;
}

interface ConfigEntry {
  auth?: string;
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
}

/** undefined: it is asked without a login. Throws TasklogError "image" for a helper that fails. */
export async function registryLogin(image: string, folder = dockerFolder()): Promise<AuthConfig | undefined> {
  const registry = registryOf(image);
  const config = await readConfig(folder);
  const helper = helperOf(config, registry);
  return helper === undefined ? fromEntry(config, registry) : await fromHelper(helper, registry);
}

/** The part before the first slash, where it looks like a host; else Docker Hub. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost && !dockerHubHosts.has(first) ? first : dockerHub;
}

async function readConfig(folder: string): Promise<DockerConfig> {
  try {
    const config: unknown = JSON.parse(await readFile(join(folder, "config.json"), "utf8"));
    return typeof config === "object" && config !== null ? config : {};
  } catch {
    return {};
  }
}

/** One helper for a registry goes before the one for all. */
function helperOf({ credHelpers = {}, credsStore = "" }: DockerConfig, registry: string): string | undefined {
  const found = Object.entries(credHelpers).find(([key]) => isSame(key, registry))?.[1];
  return found || credsStore || undefined;
}

/** `docker login` has written registries as hosts, and as URLs. */
function isSame(key: string, registry: string): boolean {
  return hostOf(key) === hostOf(registry);
}

function hostOf(name: string): string {
  const host = name.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return dockerHubHosts.has(host) ? "docker.io" : host;
}

function fromEntry({ auths = {} }: DockerConfig, registry: string): AuthConfig | undefined {
  const entry = auths[registry] ?? Object.entries(auths).find(([key]) => isSame(key, registry))?.[1];
  if (entry === undefined) return undefined;
  const [name = "", ...rest] = Buffer.from(entry.auth ?? "", "base64")
    .toString()
    .split(":");
  const username = entry.username || name;
  // Written with a NUL behind it by old versions.
  const password = (entry.password || rest.join(":")).replace(/\0+$/, "");
  return toLogin(registry, username, password, entry);
}

async function fromHelper(helper: string, registry: string): Promise<AuthConfig | undefined> {
  if (!/^[\w.-]+$/.test(helper)) throw helperFailed(helper, "its name is no name of a program");
  const running = promisify(execFile)(`docker-credential-${helper}`, ["get"], {
    timeout: helperMs,
    encoding: "utf8",
  });
  running.child.stdin?.on("error", () => {}); // it has ended without reading: told by its end
  running.child.stdin?.end(registry);
  try {
    const { stdout } = await running;
    const said = JSON.parse(stdout) as { Username?: string; Secret?: string };
    const { Username = "", Secret = "" } = said;
    if (Username === "<token>") return toLogin(registry, "", "", { identitytoken: Secret });
    return toLogin(registry, Username, Secret, {});
  } catch (thrown) {
    const { code, stdout = "", stderr = "" } = thrown as { code?: unknown; stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim();
    if (nothingThere.test(said)) return undefined;
    throw helperFailed(helper, code === "ENOENT" ? "there is no such program" : said.slice(0, 300), thrown);
  }
}

function toLogin(
  serveraddress: string,
  username: string,
  password: string,
  { identitytoken = "", registrytoken = "" }: ConfigEntry,
): AuthConfig | undefined {
  const token = { ...(identitytoken && { identitytoken }), ...(registrytoken && { registrytoken }) };
  if (username === "" && Object.keys(token).length === 0) return undefined;
  // With a token the password means nothing, and the engine takes the token. dockerode's types know passwords only.
  return { username, password: identitytoken ? "" : password, serveraddress, ...token } as AuthConfig;
}

function helperFailed(helper: string, why: string, cause?: unknown): TasklogError {
  return new TasklogError(
    "image",
    `the login of this registry is kept by docker-credential-${helper}, which failed: ${why || "it says nothing"}`,
    { cause },
  );
}
