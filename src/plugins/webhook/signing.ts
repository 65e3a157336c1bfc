// Signatures by Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, one for each secret,
// so that a receiver that still has the old one and a receiver that has the new one are both content.
import { createHmac } from "node:crypto";
import { TasklogError } from "../../core/base/errors.ts";

const secretPrefix = "whsec_";
/** The bounds of a key, in bytes, as Standard Webhooks has them. */
const keyBytesMin = 24;
const keyBytesMax = 64;

/** `whsec_` and the base64 of 24 to 64 bytes. Gives the key. @throws TasklogError "invalid", without the secret. */
export function parseSecret(text: string): Buffer {
  const base64 = text.startsWith(secretPrefix) ? text.slice(secretPrefix.length) : "";
  const key = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, "base64") : Buffer.alloc(0);
  if (key.length >= keyBytesMin && key.length <= keyBytesMax) return key;
  throw new TasklogError(
    "invalid",
    `a secret for webhooks cannot be read; it is whsec_ and the base64 of ${keyBytesMin} to ${keyBytesMax} bytes, as \`echo whsec_$(openssl rand -base64 32)\` makes it`,
  );
}

export function formatSecret(key: Buffer): string {
  return `${secretPrefix}${key.toString("base64")}`;
}

/** A URL's own key: a receiver that knows its own can forge no call to another. */
export function signingKeyOf(masterKey: Buffer, url: string): Buffer {
  return createHmac("sha256", masterKey).update(url).digest();
}

/** The headers of one attempt. `atMs` is the time of the attempt, not of the event. */
export function signedHeaders(
  keys: readonly Buffer[],
  id: string,
  atMs: number,
  body: string,
): Record<string, string> {
  const seconds = String(Math.floor(atMs / 1000));
  const signatures = keys.map(
    (key) => `v1,${createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64")}`,
  );
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": signatures.join(" ") };
}
