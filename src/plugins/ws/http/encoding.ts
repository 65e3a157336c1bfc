// The encoding of an answer's body: zstd, gzip or none, by what the client accepts (RFC 9110, 12.5.3).
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import { promisify } from "node:util";
import { constants, createGzip, createZstdCompress, gzip, zstdCompress } from "node:zlib";

export type Encoding = "zstd" | "gzip";

/** Below this a body is not worth it, in bytes. */
const compressBytesMin = 1024;
const encoders = { zstd: promisify(zstdCompress), gzip: promisify(gzip) } as const;

/** The best one the client takes; undefined: as it is. */
export function acceptedEncoding({ headers }: IncomingMessage): Encoding | undefined {
  const accepted = new Map<string, number>();
  for (const part of String(headers["accept-encoding"] ?? "").split(",")) {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    const quality = parameters.find((text) => text.startsWith("q="));
    accepted.set(name, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  const takes = (name: string): boolean => (accepted.get(name) ?? accepted.get("*") ?? 0) > 0;
  return (["zstd", "gzip"] as const).find(takes);
}

export function createEncoder(encoding: Encoding): Transform {
  return encoding === "gzip"
    ? createGzip()
    : createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 3 } });
}

/** The body as the client takes it, and the headers that say so. */
export async function encodeBody(
  request: IncomingMessage,
  body: Uint8Array,
): Promise<{ body: Uint8Array; headers: Record<string, string> }> {
  const vary = { vary: "accept-encoding" };
  const encoding = body.length < compressBytesMin ? undefined : acceptedEncoding(request);
  if (encoding === undefined) return { body, headers: vary };
  return { body: await encoders[encoding](body), headers: { ...vary, "content-encoding": encoding } };
}
