// The real engine that tests run on. `npm test` starts one for the whole run and names it in DOCKER_HOST; a single
// test file that is run by hand finds or starts its own. Started ones end with this process.
import { afterAll } from "bun:test";
import {
  findEngine,
  importBusybox,
  installEngine,
  type PrivateEngine,
  startPrivateEngine,
  testImage,
} from "../../scripts/engine.mjs";

export { testImage };

let found: Promise<string> | undefined;

/**
 * DOCKER_HOST of an engine that answers and has the test image: the one that is there, else a private one, which ends
 * with the test file. To be called at the top of a test file, not inside a test.
 */
export function useEngine(): Promise<string> {
  found ??= engineWithImage();
  return found;
}

async function engineWithImage(): Promise<string> {
  let host = await findEngine();
  if (host === undefined) {
    installEngine();
    const engine = await startPrivateEngine();
    afterAll(async () => {
      found = undefined;
      await engine.stop();
    });
    host = engine.host;
  }
  await ensureTestImage(host);
  return host;
}

/** Makes `tasklog-test/busybox:latest` on the engine at `host`; nothing is pulled. */
export async function ensureTestImage(host: string): Promise<string> {
  await importBusybox(host);
  return testImage;
}

/** An engine of one test's own, with the test image, that the test may kill and start again. Root on Linux only. */
export async function startSecondEngine(args?: string[]): Promise<PrivateEngine & AsyncDisposable> {
  installEngine();
  const engine = await startPrivateEngine(args ? { args } : {});
  await ensureTestImage(engine.host);
  return Object.assign(engine, { [Symbol.asyncDispose]: () => engine.stop() });
}

/** As `systemctl stop docker` does it. */
export async function endEngine({ pid }: Pick<PrivateEngine, "pid">): Promise<void> {
  process.kill(pid, "SIGTERM");
  const gone = () => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  while (!gone()) await Bun.sleep(20);
}
