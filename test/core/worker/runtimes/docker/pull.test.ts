// Pulls by a real engine from a registry on loopback.
import { afterAll, describe, expect, test } from "bun:test";
import { ask } from "../../../../../scripts/engine.mjs";
import { silentLogger } from "../../../../../src/core/base/logger.ts";
import { PullProgress } from "../../../../../src/core/engine/images/pull-progress.ts";
import type { Progress } from "../../../../../src/core/log/log-item.ts";
import { createDockerRuntime } from "../../../../../src/core/worker/runtimes/docker/docker-runtime.ts";
import { startSecondEngine, testImage, useEngine } from "../../../../helpers/engine.ts";
import { dockerSpec } from "../../../../helpers/engine-spec.ts";
import { startRegistry } from "../../../../helpers/registry.ts";
import { until } from "../../../../helpers/until.ts";
import { failureOf } from "../runtime-contract.ts";

const host = await useEngine();
const pulled: string[] = [];
afterAll(async () => {
  for (const image of pulled) await ask(host, "DELETE", `/images/${image}?force=1`).catch(() => {});
});

function prepare(
  image: string,
  { pull = "missing", at = host, signal = new AbortController().signal, seen = [] as Progress[] } = {},
): Promise<void> {
  if (image !== testImage) pulled.push(image);
  const runtime = createDockerRuntime({ host: at, workerId: "worker-pull", logger: silentLogger });
  return runtime.prepare(dockerSpec({ image, pull }), (progress) => seen.push(progress), signal);
}

describe("pull", () => {
  test("a missing image is pulled once, with its progress in bytes", async () => {
    await using registry = await startRegistry({ everyMs: 40 });
    const seen: Progress[] = [];
    await prepare(registry.image, { seen });
    const last = seen.at(-1);
    expect(last?.what).toBe(registry.image);
    expect(last?.currentBytes).toBeGreaterThan(500_000);
    expect(last?.totalBytes).toBe(last?.currentBytes as number);
    const figures = seen.map((progress) => progress.currentBytes);
    expect(new Set(figures).size).toBeGreaterThan(2);
    expect(figures).toEqual(figures.toSorted((a, b) => a - b));
    const again: Progress[] = [];
    await prepare(registry.image, { seen: again });
    expect(again).toEqual([]);
    await prepare(registry.image, { pull: "always" });
  }, 30_000);

  test("never and an image that is not here is one sentence", async () => {
    const error = await failureOf(prepare("tasklog-test/not-here", { pull: "never" }));
    expect(error.code).toBe("image");
    expect(error.message).toContain(
      'there is no image "tasklog-test/not-here" on this host and --pull never',
    );
    await prepare(testImage, { pull: "never" });
  });

  test("an unknown tag, an unknown registry and a bad name are told apart", async () => {
    await using registry = await startRegistry();
    const tag = await failureOf(prepare(registry.image.replace(/:1$/, ":no-such-tag")));
    expect(tag.code).toBe("image");
    expect(tag.message).toContain("in its registry");
    const absent = await failureOf(prepare("127.0.0.1:1/tasklog-test/x"));
    expect(absent.code).toBe("image");
    expect(absent.message).toContain("cannot be reached");
    const bad = await failureOf(prepare("Not A Name"));
    expect(bad.code).toBe("invalid");
    expect(bad.message).toContain('"Not A Name" is not a valid image name');
  }, 30_000);

  test("a registry that refuses is told", async () => {
    const errors = [{ code: "UNAUTHORIZED", message: "authentication required" }];
    await using registry = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => Response.json({ errors }, { status: 401 }),
    });
    const error = await failureOf(prepare(`127.0.0.1:${registry.port}/x`));
    expect(error.code).toBe("image");
    expect(error.message).toContain("docker login");
  });

  test("an abort ends the pull long before the layer is there", async () => {
    await using registry = await startRegistry({ everyMs: 2000 });
    const stopping = new AbortController();
    const pulling = failureOf(prepare(registry.image, { signal: stopping.signal }));
    await until("the layer is asked for", registry.fetching);
    stopping.abort();
    expect((await pulling).code).toBe("aborted");
    expect(registry.sent()).toBe(false);
  }, 30_000);

  test("an engine that goes away in the middle is told", async () => {
    await using engine = await startSecondEngine();
    await using registry = await startRegistry({ everyMs: 200 });
    const pulling = failureOf(prepare(registry.image, { at: engine.host }));
    await until("the layer is asked for", registry.fetching);
    await engine.kill();
    const error = await pulling;
    expect(error.code).toBe("unavailable");
    expect(error.message).toContain(`went away while it pulled ${registry.image}`);
  }, 60_000);

  test("progress adds up over layers and does not count an extraction as a download", () => {
    const progress = new PullProgress("x");
    const layer = (id: string, status: string, current?: number, total?: number): void =>
      progress.add({ id, status, progressDetail: { ...(current && { current }), ...(total && { total }) } });
    progress.add({ id: "latest", status: "Pulling from x" });
    layer("a", "Pulling fs layer");
    layer("b", "Pulling fs layer");
    layer("a", "Downloading", 50, 100);
    expect(progress.progress).toMatchObject({ currentBytes: 50, totalBytes: 0 });
    layer("b", "Downloading", 10, 30);
    expect(progress.progress).toMatchObject({ currentBytes: 60, totalBytes: 130 });
    layer("a", "Download complete");
    layer("a", "Extracting", 1, 100);
    layer("b", "Already exists");
    expect(progress.progress).toEqual({
      what: "x",
      currentBytes: 130,
      totalBytes: 130,
      message: "unpacking x",
    });
  });
});
