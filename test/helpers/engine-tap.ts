// A way to a real engine that keeps every byte that was sent to it.
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { tempDir } from "./temp-dir.ts";

export interface EngineTap extends AsyncDisposable {
  /** DOCKER_HOST of the way. */
  readonly host: string;
  /** What each connection has sent so far, one character a byte. */
  readonly sent: string[];
}

/** `engine`: DOCKER_HOST, unix://. */
export async function startEngineTap(engine: string): Promise<EngineTap> {
  const temp = await tempDir();
  const path = join(temp.path, "tap.sock");
  const sent: string[] = [];
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ path: engine.replace("unix://", ""), allowHalfOpen: true });
    const index = sent.push("") - 1;
    near.on("data", (bytes: Buffer) => {
      sent[index] += bytes.toString("latin1");
    });
    near.pipe(far).pipe(near);
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    sent,
    async [Symbol.asyncDispose]() {
      server.close();
      await temp[Symbol.asyncDispose]();
    },
  };
}
