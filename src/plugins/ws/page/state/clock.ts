// The time of day, once a second while the page is looked at, for ages.

import { signal } from "@preact/signals";
import { startInterval } from "../../../../core/base/wait.ts";

export const now = signal(Date.now());

export function startClock(): void {
  startInterval(() => {
    if (document.visibilityState === "visible") now.value = Date.now();
  }, 1000);
}
