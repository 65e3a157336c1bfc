// Translates the engine's failures into a sentence for a person and a code. dockerode throws an Error with
// `statusCode` and the engine's JSON when the engine answered, and a socket error when nobody did.
import { TasklogError } from "../../base/errors.ts";
import type { EngineAddress } from "./engine-address.ts";
import { sshFailure } from "./ssh-connection.ts";

/** The HTTP status of an engine's answer; undefined when there was none. */
export function statusOf(thrown: unknown): number | undefined {
  return (thrown as { statusCode?: number } | undefined)?.statusCode;
}

/** The engine's own words, without dockerode's wrapping. */
export function engineMessage(thrown: unknown): string {
  const said = thrown as { json?: { message?: string } | null; message?: string } | undefined;
  const text = said?.json?.message ?? said?.message ?? String(thrown);
  const reason = text.replace(/^\(HTTP code \d+\) [a-z ]+ - ?/, "").trim();
  return reason || `the engine gave no reason (HTTP status ${statusOf(thrown) ?? "unknown"})`;
}

/** True if the engine answered at all. */
export function answered(thrown: unknown): boolean {
  return statusOf(thrown) !== undefined;
}

/** The engine answers still, but what it runs containers with (containerd) has ended already, as it does with it. */
export function isGoingDown(thrown: unknown): boolean {
  return /transport is closing|error while dialing|: unavailable(: unknown)?$/i.test(engineMessage(thrown));
}

/** "unavailable", with the address, who named it, and what to do. */
export function engineGone(address: EngineAddress, thrown?: unknown): TasklogError {
  const at = address.namedBy === "" ? address.host : `${address.host} (from ${address.namedBy})`;
  const code = (thrown as { code?: string } | undefined)?.code;
  if (code === "EACCES" || code === "EPERM") {
    return new TasklogError(
      "unavailable",
      `the Docker engine at ${at} may not be used by this user: add the user to the group "docker", or run tasklog as root`,
      { cause: thrown },
    );
  }
  if (code === "EMFILE" || code === "ENFILE") {
    return new TasklogError(
      "unavailable",
      `the Docker engine at ${at} cannot be asked, because this process is short of file descriptors (${code}): raise ulimit -n, or run fewer tasks at once (--slots)`,
      { cause: thrown },
    );
  }
  const ssh = sshFailure(address.host);
  if (ssh !== undefined) {
    return new TasklogError("unavailable", `the Docker engine at ${at} cannot be reached: ${ssh}`, {
      cause: thrown,
    });
  }
  return new TasklogError(
    "unavailable",
    `no Docker engine answers at ${at}: start it, or name another with --docker-host or DOCKER_HOST`,
    { cause: thrown },
  );
}

/** Makes the error of a call that fails for no reason of the task's own. A TasklogError stays what it is. */
export function fromEngine(address: EngineAddress, what: string, thrown: unknown): TasklogError {
  if (thrown instanceof TasklogError) return thrown;
  if (thrown instanceof Error && thrown.name === "AbortError") {
    return new TasklogError("aborted", `${what}: aborted`, { cause: thrown });
  }
  if (!answered(thrown)) return engineGone(address, thrown);
  const code = statusOf(thrown) === 404 ? "not_found" : "internal";
  return new TasklogError(code, `${what}: ${engineMessage(thrown)}`, { cause: thrown });
}

/**
 * Makes the error of a container that could not be created or started: 126, 127, or something the user asked for that
 * is not available.
 */
export function fromStart(address: EngineAddress, image: string, thrown: unknown): TasklogError {
  if (thrown instanceof TasklogError) return thrown;
  if (!answered(thrown)) return engineGone(address, thrown);
  const said = engineMessage(thrown);
  const fail = (code: "image" | "command_not_found" | "not_executable" | "invalid", message: string) =>
    new TasklogError(code, message, { cause: thrown });

  const command = /exec: "([^"]*)"/.exec(said)?.[1];
  if (command !== undefined && /executable file not found|no such file or directory/.test(said)) {
    return fail("command_not_found", `there is no command "${command}" in the image ${image}`);
  }
  if (command !== undefined && /permission denied|is a directory|exec format error/.test(said)) {
    return fail("not_executable", `"${command}" in the image ${image} cannot be executed`);
  }
  if (/^No such image/i.test(said)) {
    return fail("image", `there is no image "${image}" on this host: let it be pulled with --pull missing`);
  }
  if (/No command specified/i.test(said)) {
    return fail("invalid", `the image ${image} says no command of its own: give one after "--"`);
  }
  if (/could not select device driver/.test(said)) {
    return fail(
      "invalid",
      "this engine has no GPUs to give (--gpus): install the GPU vendor's container toolkit",
    );
  }
  const network = /network (.+) not found/.exec(said)?.[1];
  if (network !== undefined) {
    return fail(
      "invalid",
      `there is no network "${network}" on this engine: make it with "docker network create"`,
    );
  }
  return fail(
    "invalid",
    `the engine cannot start this: ${said.replace(/^.*unable to start container process: /, "")}`,
  );
}
