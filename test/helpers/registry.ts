// An image registry of a test's own on loopback (which every engine trusts without TLS), holding one image whose layer
// can be given out slowly: so a pull, its progress and its sudden end can be tried without any network.
// OCI distribution specification, pull only.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { busyboxTar } from "../../scripts/busybox-image.mjs";

export interface Registry extends AsyncDisposable {
  /** What `tasklog run` is given: 127.0.0.1:port/test/image:1. No engine has seen its layer before. */
  readonly image: string;
  /** True if somebody has got the whole layer. */
  sent(): boolean;
  /** Whether somebody is fetching the layer at this moment. */
  readonly fetching: () => boolean;
}

const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
const sliceBytes = 64 * 1024;

/** The layer comes in slices of 64 KiB, `everyMs` apart. */
export async function startRegistry({ everyMs = 0 } = {}): Promise<Registry> {
  const { layer, config, manifest } = makeImage();
  let fetching = 0;
  let isSent = false;

  async function sendSlowly(request: IncomingMessage, response: ServerResponse): Promise<void> {
    fetching++;
    request.once("close", () => fetching--);
    response.writeHead(200, { "content-length": layer.byteLength });
    for (let at = 0; at < layer.byteLength && !response.destroyed; at += sliceBytes) {
      response.write(layer.subarray(at, at + sliceBytes));
      if (everyMs > 0) await Bun.sleep(everyMs);
    }
    isSent ||= !response.destroyed;
    response.end();
  }

  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const send = (bytes: Uint8Array, type = "application/octet-stream") => {
      const headers = { "content-type": type, "docker-content-digest": digest(bytes) };
      response.writeHead(200, { ...headers, "content-length": bytes.byteLength });
      response.end(request.method === "HEAD" ? undefined : bytes);
    };
    if (path === "/v2/") send(Buffer.from("{}"), "application/json");
    else if (/^\/v2\/test\/image\/manifests\/(?:1|sha256:.*)$/.test(path)) send(manifest, manifestType);
    else if (path.endsWith(digest(config))) send(config);
    else if (path.endsWith(digest(layer))) void sendSlowly(request, response);
    else {
      response.writeHead(404, { "content-type": "application/json" });
      response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    image: `127.0.0.1:${(server.address() as AddressInfo).port}/test/image:1`,
    sent: () => isSent,
    fetching: () => fetching > 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** busybox, and behind it noise, so that no engine has the layer already. */
function makeImage(): { layer: Uint8Array; config: Uint8Array; manifest: Uint8Array } {
  const busybox = busyboxTar();
  if (!busybox) throw new Error("there is no static busybox on this machine");
  // A tar ends at its first empty block, so noise behind it changes the layer and not what is in it.
  const tar = Buffer.concat([busybox, crypto.getRandomValues(Buffer.alloc(65_536))]);
  const layer = Bun.gzipSync(new Uint8Array(tar));
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { Cmd: ["/bin/sh"] },
      rootfs: { type: "layers", diff_ids: [digest(tar)] },
    }),
  );
  const part = (kind: string, bytes: Uint8Array) => ({
    mediaType: `application/vnd.docker.${kind}`,
    size: bytes.byteLength,
    digest: digest(bytes),
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: part("container.image.v1+json", config),
      layers: [part("image.rootfs.diff.tar.gzip", layer)],
    }),
  );
  return { layer, config, manifest };
}

function digest(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
