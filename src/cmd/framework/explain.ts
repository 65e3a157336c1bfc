// A failure in one sentence on stderr, and its exit code. The stack only where it was asked for.
import { TasklogError } from "../../core/base/errors.ts";
import type { Session } from "./session.ts";

/** Gives the exit code. */
export async function explain(thrown: unknown, { err, verbose }: Session): Promise<number> {
  const error = TasklogError.from(thrown);
  await err.write(`tasklog: ${visible(error.message)}\n`);
  if (verbose) {
    for (let cause: unknown = thrown; cause instanceof Error; cause = cause.cause)
      await err.write(`${cause.stack}\n`);
  } else if (error.code === "internal") {
    await err.write("tasklog: this should not happen; --verbose shows where it did\n");
  }
  return error.exitCode;
}

/** Several lines may be meant (a list of candidates); nothing in them steers the terminal. */
function visible(message: string): string {
  return message.replace(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/g, "\ufffd");
}
