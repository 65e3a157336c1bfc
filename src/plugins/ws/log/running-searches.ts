// The answers that look through a log at the moment. They share the event loop's time (core/search/matching-turns.ts), so that
// more of them hold up nobody else; but each holds a piece of a log, so their number has a bound.
import { TasklogError } from "../../../core/base/errors.ts";
import { searchesMax } from "../../../core/base/limits.ts";

export class RunningSearches {
  #count = 0;

  /** Dispose it when the search has ended. @throws TasklogError "exhausted" */
  enter(): Disposable {
    if (this.#count >= searchesMax) {
      throw new TasklogError(
        "exhausted",
        `${searchesMax} searches run already; come again when one of them has ended`,
      );
    }
    this.#count++;
    return { [Symbol.dispose]: () => void this.#count-- };
  }
}
