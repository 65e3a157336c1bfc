import { expect, test } from "bun:test";
import { delayAfter, parseRetryAfter, parseSchedule } from "../../../src/plugins/webhook/schedule.ts";
import {
  formatSecret,
  parseSecret,
  signedHeaders,
  signingKeyOf,
} from "../../../src/plugins/webhook/signing.ts";

test("schedule - the standard's times, up to a fifth later, then no more", () => {
  const schedule = parseSchedule([]);
  const seconds = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
  for (const [attempts, value] of seconds.entries()) {
    const delays = Array.from({ length: 200 }, () => delayAfter(attempts, schedule) ?? -1);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(value * 1000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(value * 1200);
    if (value > 0) expect(new Set(delays).size).toBeGreaterThan(1);
  }
  expect(delayAfter(10, schedule)).toBeUndefined();
  expect(delayAfter(1, schedule, 60_000)).toBeGreaterThanOrEqual(60_000);
  expect(delayAfter(1, schedule, Number.MAX_SAFE_INTEGER)).toBeLessThanOrEqual(86_400_000 * 1.2);
  expect(parseSchedule(["0", "0.5"])).toEqual([0, 500]);
  for (const bad of ["-1", "x", "", "1e99"]) expect(() => parseSchedule([bad])).toThrow("it takes seconds");
});

test("Retry-After - seconds, a date, or nothing of use", () => {
  const nowMs = Date.parse("2026-01-01T00:00:00Z");
  expect(parseRetryAfter("120", nowMs)).toBe(120_000);
  expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:30 GMT", nowMs)).toBe(30_000);
  expect(parseRetryAfter("Thu, 01 Jan 2015 00:00:30 GMT", nowMs)).toBe(0);
  for (const text of [undefined, "soon", ""]) expect(parseRetryAfter(text, nowMs)).toBeUndefined();
});

test("secrets - as the standard writes them; the sentence about a bad one does not tell it", () => {
  const key = Buffer.alloc(32, 1);
  expect(parseSecret(formatSecret(key))).toEqual(key);
  for (const bad of ["hunter2", "whsec_", "whsec_AAAA", "whsec_not base64", `whsec_${"A".repeat(200)}`]) {
    expect(() => parseSecret(bad)).toThrow(/^(?!.*(hunter2|AAAA)).*a secret for webhooks cannot be read/);
  }
  expect(signingKeyOf(key, "https://a/")).not.toEqual(signingKeyOf(key, "https://b/"));
});

test("signature - that of the standard's own example", () => {
  const key = parseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const body = '{"test": 2432232314}';
  expect(signedHeaders([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_000, body)).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});
