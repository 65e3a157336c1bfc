// Parses the path of an address. The server has taken `..` out of it before; what was written as %2e or %2f is text
// here and reaches no file system.
import { TasklogError } from "../../../core/base/errors.ts";

/** @throws TasklogError "invalid" */
export function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new TasklogError("invalid", `${JSON.stringify(segment)} in the address cannot be read`, {
      cause: error,
    });
  }
}

export function queryOf(url: string | undefined): URLSearchParams {
  return URL.parse(url ?? "/", "http://localhost")?.searchParams ?? new URLSearchParams();
}
