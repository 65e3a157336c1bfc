// The name of this host, on systems that do not tell it.
import { hostname } from "node:os";

/** Returns the name that the system tells; "localhost" where it tells none. */
export function hostName(): string {
  try {
    return hostname() || "localhost";
  } catch {
    return "localhost";
  }
}
