// Waits until a container is down, by the engine's `wait` call read as a stream: it begins at once and carries its answer
// at the end, so one that breaks off means that the engine went away. dockerode's own `wait` never returns then.
import type { Readable } from "node:stream";
import type { Container } from "dockerode";

/**
 * Resolves to whether the engine itself has seen the end: then it has logged, and delivered, all that was printed; false:
 * the call broke off. "not-running" and not "next-exit": asked after the start, it cannot miss an end that is already past.
 * Throws what dockerode throws.
 */
export async function waitForEnd(container: Container, abortSignal: AbortSignal): Promise<boolean> {
  const stream = await openWait(container, abortSignal);
  stream.on("error", () => {});
  const abort = (): unknown => stream.destroy();
  abortSignal.addEventListener("abort", abort, { once: true });
  let text = "";
  try {
    for await (const bytes of stream) text += bytes;
    return typeof JSON.parse(text).StatusCode === "number";
  } catch {
    return false;
  } finally {
    abortSignal.removeEventListener("abort", abort);
  }
}

function openWait(container: Container, abortSignal: AbortSignal): Promise<Readable> {
  const { promise, resolve, reject } = Promise.withResolvers<Readable>();
  container.modem.dial(
    {
      path: `/containers/${container.id}/wait?`,
      method: "POST",
      isStream: true,
      abortSignal,
      options: { condition: "not-running" },
      statusCodes: { 200: true, 404: "no such container", 500: "server error" },
    },
    (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as Readable)),
  );
  return promise;
}
