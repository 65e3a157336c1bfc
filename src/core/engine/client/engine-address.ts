// Finds the Docker engine: the one that was asked for, else DOCKER_HOST, else the current docker context, else the
// usual socket. dockerode reads DOCKER_HOST by itself but knows no contexts, and it could not say where an address is
// from, which the sentence about a missing engine needs.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TasklogError } from "../../base/errors.ts";
import { homeFolder } from "../../base/home-folder.ts";
import { dockerFolder } from "./docker-folder.ts";

export interface EngineAddress {
  /** DOCKER_HOST form: unix:///path, tcp://host:port, ssh://user@host. */
  readonly host: string;
  /**
   * The setting that named it, for a person: "--docker-host", "DOCKER_HOST", "docker context X"; empty if none did.
   */
  readonly namedBy: string;
  /** Folder with ca.pem, cert.pem and key.pem; empty: no TLS. */
  readonly certDir: string;
}

const schemes = ["unix:", "tcp:", "http:", "https:", "ssh:"];

/** Throws "usage" for an address that is none, "invalid" for a context that cannot be read. */
export function engineAddress(
  host?: string,
  env: Record<string, string | undefined> = process.env,
): EngineAddress {
  const certDir = env["DOCKER_TLS_VERIFY"] ? (env["DOCKER_CERT_PATH"] ?? dockerFolder(env)) : "";
  // A setting that came from DOCKER_HOST is handed down like the flag's: it is told by the name it was given under.
  if (host && host !== env["DOCKER_HOST"]) return checked({ host, namedBy: "--docker-host", certDir });
  if (env["DOCKER_HOST"]) return checked({ host: env["DOCKER_HOST"], namedBy: "DOCKER_HOST", certDir });
  return fromContext(env) ?? { host: usualSocket(), namedBy: "", certDir: "" };
}

function checked(address: EngineAddress): EngineAddress {
  const { protocol = "", hostname, pathname } = URL.parse(address.host) ?? {};
  const place = protocol === "unix:" ? `${hostname}${pathname}`.replace(/^\/+$/, "") : hostname;
  if (schemes.includes(protocol) && place) return address;
  throw new TasklogError(
    "usage",
    `${address.namedBy} is "${address.host}", which is no engine's address: use unix:///path/to/docker.sock, tcp://host:port or ssh://user@host`,
  );
}

function usualSocket(): string {
  const own = join(homeFolder() ?? "/nonexistent", ".docker/run/docker.sock");
  return `unix://${!existsSync("/var/run/docker.sock") && existsSync(own) ? own : "/var/run/docker.sock"}`;
}

/** The context as the docker command stores it: a folder named by the SHA-256 of its name. */
function fromContext(env: Record<string, string | undefined>): EngineAddress | undefined {
  const folder = dockerFolder(env);
  const config = readJson(join(folder, "config.json")) as { currentContext?: string } | undefined;
  const name = env["DOCKER_CONTEXT"] || config?.currentContext;
  if (!name || name === "default") return undefined;
  const id = createHash("sha256").update(name).digest("hex");
  const meta = readJson(join(folder, "contexts/meta", id, "meta.json")) as
    | { Endpoints?: { docker?: { Host?: string } } }
    | undefined;
  const host = meta?.Endpoints?.docker?.Host;
  if (!host) {
    throw new TasklogError(
      "invalid",
      `the current docker context "${name}" names no engine: choose another with "docker context use", or set DOCKER_HOST`,
    );
  }
  const certDir = join(folder, "contexts/tls", id, "docker");
  const namedBy = `docker context ${name}`;
  return checked({ host, namedBy, certDir: existsSync(certDir) ? certDir : "" });
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
