// Work that must not overlap: each begins when what was handed in before it has ended, however that ended. The failure of
// one is its caller's, and holds up nobody behind it. There is no bound on who waits: each waits for its own answer.

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` when its turn comes, and gives what it gives. */
  take<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves when everything that was handed in until now has ended, well or not. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
