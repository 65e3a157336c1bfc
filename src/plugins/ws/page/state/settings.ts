// The reader's settings for logs: kept in the browser, the same for all tabs of it from the next load on.
import { effect, type Signal, signal } from "@preact/signals";

export type Theme = "auto" | "light" | "dark";
export type TimeChoice = "absolute" | "relative" | "none";

function setting<T>(name: string, fallback: T, isValid: (value: unknown) => boolean): Signal<T> {
  const key = `tasklog.${name}`;
  let first = fallback;
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (isValid(stored)) first = stored as T;
  } catch {
    // Storage may be forbidden; then nothing is kept.
  }
  const made = signal(first);
  effect(() => {
    const { value } = made;
    try {
      if (value === fallback) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // As above.
    }
  });
  return made;
}

const isBoolean = (value: unknown) => typeof value === "boolean";
const isOneOf = (values: readonly unknown[]) => (value: unknown) => values.includes(value);

export const theme = setting<Theme>("theme", "auto", isOneOf(["auto", "light", "dark"]));
export const timeMode = setting<TimeChoice>("time", "absolute", isOneOf(["absolute", "relative", "none"]));
/** Wraps long lines; on by default on a narrow screen. */
export const wrap = setting("wrap", matchMedia("(max-width: 640px)").matches, isBoolean);
export const unfoldJson = setting("unfold-json", false, isBoolean);
export const foldTraces = setting("fold-traces", false, isBoolean);
export const stripShown = setting("strip", true, isBoolean);
export const sideShown = setting("side", true, isBoolean);
