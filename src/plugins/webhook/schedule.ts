// When to try again. The standard's times, each counted from the attempt before, with up to a fifth more so that
// calls that failed together do not come back together.
import { TasklogError } from "../../core/base/errors.ts";

/** The longest delay that an answer's Retry-After can cause, in ms. */
const webhookRetryAfterMax = 24 * 60 * 60_000;

/** Seconds before each attempt (Standard Webhooks): ten attempts in three days. */
const standardDelaysSeconds = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** The part of each delay that is chance, so that calls which failed together do not come again together. */
const jitterShare = 0.2;

/** Milliseconds before each attempt. @throws TasklogError "invalid" */
export function parseSchedule(seconds: readonly string[]): readonly number[] {
  if (seconds.length === 0) return standardDelaysSeconds.map((value) => value * 1000);
  return seconds.map((text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (value >= 0 && value <= 30 * 86_400) return value * 1000;
    throw new TasklogError(
      "invalid",
      `the schedule has ${JSON.stringify(text)} in it; it takes seconds: 0,5,300`,
    );
  });
}

/** Returns the delay before the next attempt after `attempts` of them, in ms; undefined after the last. */
export function delayAfter(
  attempts: number,
  schedule: readonly number[],
  retryAfterMs = 0,
): number | undefined {
  const delay = schedule[attempts];
  if (delay === undefined) return undefined;
  return Math.max(delay, Math.min(retryAfterMs, webhookRetryAfterMax)) * (1 + Math.random() * jitterShare);
}

/** The header's seconds or HTTP date, in ms from now; undefined: neither. */
export function parseRetryAfter(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
