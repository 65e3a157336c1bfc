// The state of the engine's event stream. Lines of an adopted run are only taken while they are: without them nobody
// would tell where the run ends, and lines of the next one would be taken for its own. They wait in the engine's log.

export class Watch {
  #up = Promise.withResolvers<AbortSignal>();
  #down: AbortController | undefined;

  up(): void {
    this.#down = new AbortController();
    this.#up.resolve(this.#down.signal);
  }

  down(): void {
    if (this.#down === undefined) return;
    this.#up = Promise.withResolvers();
    this.#down.abort();
    this.#down = undefined;
  }

  /** A signal that aborts when they are heard no more; undefined when `signal` aborts before they are. */
  async whenUp(signal: AbortSignal): Promise<AbortSignal | undefined> {
    if (signal.aborted) return undefined;
    return await Promise.race([this.#up.promise, aborted(signal).then(() => undefined)]);
  }
}

/** Resolves when it aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
