// Passes items from one who gives and waits to one who takes, one at a time: a handler becomes an async iterable
// without a queue between them.

export class Handover<T> {
  #taker: PromiseWithResolvers<IteratorResult<T, undefined>> | undefined;
  #offered: { item: T; taken: () => void } | undefined;
  #ended = false;
  #failure: unknown;

  /** Resolves when the item was taken, or nobody takes any more. */
  give(item: T): Promise<void> {
    if (this.#ended) return Promise.resolve();
    if (this.#taker !== undefined) {
      this.#taker.resolve({ value: item, done: false });
      this.#taker = undefined;
      return Promise.resolve();
    }
    return new Promise((taken) => {
      this.#offered = { item, taken };
    });
  }

  /** The end, after what was given; with a failure, the taker gets it thrown. */
  end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    if (failure === undefined) this.#taker?.resolve({ value: undefined, done: true });
    else this.#taker?.reject(failure);
    this.#taker = undefined;
  }

  /** Nobody takes any more: whoever waits in `give` goes on, and whoever still waits in `take` gets the end. */
  leave(): void {
    this.#ended = true;
    this.#offered?.taken();
    this.#offered = undefined;
    this.#taker?.resolve({ value: undefined, done: true });
    this.#taker = undefined;
  }

  async take(): Promise<IteratorResult<T, undefined>> {
    const offered = this.#offered;
    if (offered !== undefined) {
      this.#offered = undefined;
      offered.taken();
      return { value: offered.item, done: false };
    }
    if (this.#ended) {
      if (this.#failure !== undefined) throw this.#failure;
      return { value: undefined, done: true };
    }
    this.#taker = Promise.withResolvers();
    return this.#taker.promise;
  }
}
