// The few calls of the engine API with which the tests look behind tasklog's back. Deliberately not dockerode: what
// the product uses is no witness for itself.

/** One JSON call on the engine at `host` (DOCKER_HOST form). Throws unless it answers 2xx. */
// biome-ignore lint/suspicious/noExplicitAny: the engine's own answers, of which a test looks at a field or two.
export async function engineCall(host: string, method: string, path: string, body?: unknown): Promise<any> {
  const text = await engineText(host, path, method, body);
  return text === "" ? undefined : JSON.parse(text);
}

/** What it answers, as it is. Throws unless that is 2xx. */
export async function engineText(
  host: string,
  path: string,
  method = "GET",
  body?: unknown,
): Promise<string> {
  const unix = host.startsWith("unix://") ? host.slice("unix://".length) : undefined;
  const base = unix === undefined ? host.replace(/^tcp:/, "http:") : "http://engine";
  const answer = await fetch(`${base}${path}`, {
    method,
    ...(unix === undefined ? {} : { unix }),
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}
