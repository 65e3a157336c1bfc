// The parameters of a request, read one by one: what is missing has its default, what cannot be meant gets a sentence.

import { TasklogError } from "../../../core/base/errors.ts";
import { momentExamples, parseMoment } from "../../../core/base/moment.ts";
import type { Stamp } from "../../../core/base/stamp.ts";
import type { StreamName } from "../../../core/log/line-batch.ts";
import { LineFilter } from "../../../core/search/line-filter.ts";
import { flag, quoted, streamOf, whole } from "../live/log-request.ts";

export class Query {
  readonly #params: URLSearchParams;

  constructor(params: URLSearchParams) {
    this.#params = params;
  }

  /** Empty is the same as missing. */
  text(name: string): string | undefined {
    return this.#params.get(name) || undefined;
  }

  /** All values of a parameter that may be repeated, each as it is: a comma belongs to it. */
  texts(name: string): string[] {
    return this.#params.getAll(name).filter((value) => value !== "");
  }

  /** All values of a parameter that may be repeated, or hold several with commas between. */
  list(name: string): string[] {
    return this.#params.getAll(name).flatMap((value) => value.split(",").filter((part) => part !== ""));
  }

  /** A whole number; more than `max` is taken as `max`. @throws TasklogError "invalid" */
  count(name: string, fallback: number, max = Number.MAX_SAFE_INTEGER): number {
    const text = this.text(name);
    return text === undefined ? fallback : Math.min(max, whole(name, text));
  }

  flag(name: string): boolean {
    return flag(name, this.text(name));
  }

  choice<const Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new TasklogError(
      "invalid",
      `${name}=${quoted(text)} cannot be read; it takes ${choices.join(" or ")}`,
    );
  }

  /** @throws TasklogError "invalid" */
  time(name: string): Stamp | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const moment = parseMoment(text);
    if (moment !== undefined) return moment;
    throw new TasklogError(
      "invalid",
      `${name}=${quoted(text)} cannot be read; it takes a time such as ${momentExamples}`,
    );
  }

  stream(): StreamName | undefined {
    return streamOf(this.text("streams"));
  }

  filter(): LineFilter | undefined {
    return LineFilter.of({
      stream: this.stream(),
      include: this.text("include"),
      exclude: this.text("exclude"),
    });
  }
}
