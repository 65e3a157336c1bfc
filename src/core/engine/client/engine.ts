// The connection to one Docker engine. Everything else in this folder speaks to the engine through the dockerode
// client that is made here. What is absent on purpose (dockerode 5.0 under Bun 1.4.5): the `timeout` option, which
// kills quiet follows; an agent of our own, which costs 5 ms a request; and hijacked attaches, whose socket stops
// delivering after a paused reader. ssh is the system's own (ssh-connection.ts): dockerode's takes any host key. Nothing here opens a connection before a call needs one.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Docker from "dockerode";
import { timeoutSignal } from "../../base/wait.ts";
import { type EngineAddress, engineAddress } from "./engine-address.ts";
import { engineGone } from "./engine-errors.ts";
import { createSshAgent } from "./ssh-connection.ts";

// dockerode makes URLs that node:url deprecates (DEP0169, DEP0170), of tcp:// and ssh:// addresses: nobody can mend that here.
process.noDeprecation = true;

/** The types of dockerode for a container and its facts, for those who may not know dockerode itself. */
export type { Container, ContainerInspectInfo } from "dockerode";

/** An engine that has not told its version by then does not answer, in ms. */
const engineAnswerMs = 2_000;

export interface Engine {
  readonly docker: Docker;
  readonly address: EngineAddress;
}

/** `host`: DOCKER_HOST form; absent: looked for as `engineAddress` says. Throws what that throws. */
export function createEngine(host?: string): Engine {
  const address = engineAddress(host);
  return { docker: createClient(toOptions(address)), address };
}

/** dockerode mixes DOCKER_HOST, its certificates and a time-out into what it is given: it must not see them. */
function createClient(options: Docker.DockerOptions): Docker {
  const { DOCKER_HOST } = process.env;
  delete process.env["DOCKER_HOST"];
  try {
    return new Docker(options);
  } finally {
    if (DOCKER_HOST !== undefined) process.env["DOCKER_HOST"] = DOCKER_HOST;
  }
}

/** Such as "20.10.24". Throws what dockerode throws, and `engineGone` for an engine that says nothing for `engineAnswerMs`. */
export async function engineVersion({ docker, address }: Engine): Promise<string> {
  // dockerode takes the signal; its types do not know.
  const ask: (options: object) => Promise<Docker.DockerVersion> = docker.version.bind(docker);
  const abortSignal = timeoutSignal(engineAnswerMs);
  try {
    return (await ask({ abortSignal })).Version;
  } catch (thrown) {
    throw abortSignal.aborted ? engineGone(address, thrown) : thrown;
  }
}

function toOptions(address: EngineAddress): Docker.DockerOptions {
  if (address.host.startsWith("unix://")) return { socketPath: address.host.slice("unix://".length) };
  const url = new URL(address.host);
  if (url.protocol === "ssh:") {
    // The name and the port are never looked up. dockerode takes an agent; its types do not know.
    const options = {
      protocol: "http",
      host: "docker",
      port: 80,
      agent: createSshAgent(address.host),
    } as const;
    return options;
  }
  const secure = address.certDir !== "" || url.protocol === "https:";
  return {
    protocol: secure ? "https" : "http",
    host: url.hostname,
    port: url.port || (secure ? 2376 : 2375),
    ...certificates(address.certDir),
  };
}

function certificates(dir: string): Docker.DockerOptions {
  const files = { ca: "ca.pem", cert: "cert.pem", key: "key.pem" };
  const found = Object.entries(files).filter(([, file]) => dir !== "" && existsSync(join(dir, file)));
  return Object.fromEntries(found.map(([option, file]) => [option, readFileSync(join(dir, file))]));
}
