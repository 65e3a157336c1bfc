// One short sentence at the lower edge that goes away by itself: what was copied, what could not be done.

import { signal } from "@preact/signals";
import { startTimer, type Timer } from "../../../../core/base/wait.ts";

export const notice = signal<{ text: string; bad: boolean } | undefined>(undefined);

/** The time that a notice stays, in ms: enough to read a sentence. */
const shownMs = 4000;
let timer: Timer | undefined;

export function say(text: string, bad = false): void {
  timer?.stop();
  notice.value = { text, bad };
  timer = startTimer(() => {
    notice.value = undefined;
  }, shownMs);
}

/** Says why something failed, if it does. */
export async function orSay<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (thrown) {
    say(thrown instanceof Error ? thrown.message : String(thrown), true);
    return undefined;
  }
}

export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied.`);
  } catch {
    say("The browser does not let the page write to the clipboard.", true);
  }
}
