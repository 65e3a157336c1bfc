// Makes an image available on the engine. Whether a pull succeeded is asked of the engine afterwards and not read out
// of the stream: a stream that was cut by the engine's end looks like one that came to its own.
import type { Readable } from "node:stream";
import { TasklogError } from "../../base/errors.ts";
import type { Progress } from "../../log/log-item.ts";
import type { Engine } from "../client/engine.ts";
import { answered, engineGone, engineMessage, fromEngine, statusOf } from "../client/engine-errors.ts";
import { textLines } from "../client/text-lines.ts";
import { type PullEvent, PullProgress } from "./pull-progress.ts";
import { registryLogin } from "./registry-login.ts";

/** Reports of progress per pull, at most one in this time. */
const progressEveryMs = 100;

/** `policy`: always, missing (also when empty), never. Throws "image", "invalid", "unavailable", "aborted". */
export async function pullImage(
  engine: Engine,
  image: string,
  policy: string,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw aborted(image);
  // An invalid name would not even reach the engine: it becomes part of a path.
  if (!/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/.test(image)) throw badName(image);
  if (policy !== "always" && (await hasImage(engine, image))) return;
  if (policy === "never") {
    throw new TasklogError(
      "image",
      `there is no image "${image}" on this host and --pull never forbids fetching it: pull it first, or use --pull missing`,
    );
  }
  try {
    await pull(engine, image, onProgress, signal);
  } catch (thrown) {
    if (signal.aborted) throw aborted(image);
    throw fromPull(engine, image, thrown);
  }
  if (signal.aborted) throw aborted(image);
  if (!(await hasImage(engine, image))) throw fromPull(engine, image, new Error("the pull came to no end"));
}

async function hasImage(engine: Engine, image: string): Promise<boolean> {
  try {
    await engine.docker.getImage(image).inspect();
    return true;
  } catch (thrown) {
    if (statusOf(thrown) === 404) return false;
    if (statusOf(thrown) === 400) throw fromPull(engine, image, thrown);
    throw fromEngine(engine.address, `the image ${image} cannot be looked up`, thrown);
  }
}

async function pull(
  engine: Engine,
  image: string,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<void> {
  const progress = new PullProgress(image);
  const login = await registryLogin(image);
  const stream = (await engine.docker.pull(image, {
    abortSignal: signal,
    ...(login && { authconfig: login }),
  })) as Readable;
  const abort = (): unknown => stream.destroy();
  signal.addEventListener("abort", abort);
  let reportedMs = 0;
  try {
    for await (const event of eventsOf(stream)) {
      if (event.error !== undefined) throw Object.assign(new Error(event.error), { statusCode: 500 });
      progress.add(event);
      if (performance.now() - reportedMs < progressEveryMs) continue;
      reportedMs = performance.now();
      onProgress(progress.progress);
    }
    onProgress(progress.progress);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Objects, one a line. A last line that was cut is left out. */
async function* eventsOf(stream: Readable): AsyncGenerator<PullEvent> {
  for await (const line of textLines(stream)) if (line.trim() !== "") yield JSON.parse(line) as PullEvent;
}

const aborted = (image: string): TasklogError =>
  new TasklogError("aborted", `the pull of ${image} was stopped`);

function badName(image: string): TasklogError {
  return new TasklogError(
    "invalid",
    `"${image}" is not a valid image name: use name, name:tag or registry/name:tag`,
  );
}

function fromPull(engine: Engine, image: string, thrown: unknown): TasklogError {
  if (thrown instanceof TasklogError) return thrown;
  if (!answered(thrown)) {
    return new TasklogError(
      "unavailable",
      `the Docker engine went away while it pulled ${image}: ${engineGone(engine.address).message}`,
      { cause: thrown },
    );
  }
  const said = engineMessage(thrown);
  const fail = (code: "image" | "invalid", message: string): TasklogError =>
    new TasklogError(code, message, { cause: thrown });
  if (/invalid reference format|invalid repository name/.test(said)) {
    return badName(image);
  }
  if (/pull access denied|repository does not exist|may require 'docker login'/.test(said)) {
    return fail(
      "image",
      `there is no image "${image}", or it needs a login: check the name, or "docker login" on this host`,
    );
  }
  if (/manifest unknown|not found|no such manifest/i.test(said)) {
    return fail("image", `there is no image "${image}" in its registry: check its name and tag`);
  }
  if (/unauthorized|denied|no basic auth|authentication required/i.test(said)) {
    return fail(
      "image",
      `the registry does not give out "${image}": "docker login" on this host, or check your rights`,
    );
  }
  if (
    /no such host|connection refused|timeout|Client\.Timeout|TLS|x509|unreachable|server gave HTTP/i.test(
      said,
    )
  ) {
    return fail(
      "image",
      `the registry of "${image}" cannot be reached (${said}): check the network, or use --pull never`,
    );
  }
  return fail("image", `the image "${image}" cannot be pulled: ${said}`);
}
