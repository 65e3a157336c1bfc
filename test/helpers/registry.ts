// An image registry of a test's own on loopback (which every engine trusts without TLS), holding one image whose layer
// can be given out slowly: so a pull, its progress and its sudden end can be tried without any network.
// OCI distribution specification, pull only.
import { createHash } from "node:crypto";
import { busyboxTar } from "../../scripts/busybox-image.mjs";

export interface Registry extends AsyncDisposable {
  /** What `tasklog run` is given: 127.0.0.1:port/test/image:1 */
  readonly image: string;
  /** Whether somebody is fetching the layer at this moment. */
  readonly fetching: () => boolean;
}

const sliceBytes = 64 * 1024;

/** The layer comes in slices of 64 KiB, `everyMs` apart. */
export async function startRegistry({ everyMs = 0 } = {}): Promise<Registry> {
  const tar = busyboxTar();
  if (!tar) throw new Error("there is no static busybox on this machine");
  const layer = Bun.gzipSync(new Uint8Array(tar));
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === "x64" ? "amd64" : process.arch,
      os: "linux",
      config: { Cmd: ["/bin/sh"] },
      rootfs: { type: "layers", diff_ids: [digest(tar)] },
    }),
  );
  const manifestType = "application/vnd.docker.distribution.manifest.v2+json";
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

  let fetching = 0;
  async function* slowly() {
    fetching++;
    try {
      for (let at = 0; at < layer.byteLength; at += sliceBytes) {
        yield layer.subarray(at, at + sliceBytes);
        if (everyMs > 0) await Bun.sleep(everyMs);
      }
    } finally {
      fetching--;
    }
  }

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/v2/") return new Response("{}");
      if (/\/manifests\/(1|sha256:.*)$/.test(pathname)) {
        const headers = { "content-type": manifestType, "docker-content-digest": digest(manifest) };
        return new Response(request.method === "HEAD" ? null : manifest, {
          headers: { ...headers, "content-length": String(manifest.byteLength) },
        });
      }
      if (pathname.endsWith(digest(config))) return new Response(config);
      if (pathname.endsWith(digest(layer))) {
        return new Response(slowly(), { headers: { "content-length": String(layer.byteLength) } });
      }
      const errors = [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }];
      return Response.json({ errors }, { status: 404 });
    },
  });
  return {
    image: `127.0.0.1:${server.port}/test/image:1`,
    fetching: () => fetching > 0,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function digest(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
