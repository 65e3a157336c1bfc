// The two pure halves of a takeover against a plain model: random output of few different lines, so that equal ones and
// repetitions abound. Wherever they say that a place is certain, it must be the true one; where it is not, nothing may
// be repeated.
import { describe, expect, test } from "bun:test";
import { AwakeClock } from "../../../../src/core/engine/takeover/awake-clock.ts";
import { commonPrefixes, commonSuffixes } from "../../../../src/core/engine/takeover/common-runs.ts";
import { findJoin } from "../../../../src/core/engine/takeover/find-join.ts";
import { findPlace } from "../../../../src/core/engine/takeover/find-place.ts";
import { Joining } from "../../../../src/core/engine/takeover/joining.ts";
import { keyOf } from "../../../../src/core/engine/takeover/line-key.ts";

const seed = Number(process.env["TASKLOG_TEST_SEED"] ?? Date.now() % 1_000_000);
console.log(`seed of the places: ${seed}`);
let state = seed;
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return Math.floor((state / 0x80000000) * below);
}

/** Lines of an alphabet, sometimes in a period, with the engine's stamps, which may run backwards a little. */
function output(length: number): { keys: number[]; engineMs: number[]; readMs: number[] } {
  const letters = 1 + random(4);
  const period = random(3) === 0 ? 1 + random(5) : 0;
  const spacingMs = 30 + random(200);
  const keys: number[] = [];
  const engineMs: number[] = [];
  let ms = 1e12;
  for (let at = 0; at < length; at++) {
    keys.push(period > 0 && at >= period && random(20) > 0 ? (keys[at - period] as number) : random(letters));
    ms += spacingMs / 2 + random(spacingMs);
    engineMs.push(ms + random(2));
  }
  return { keys, engineMs, readMs: engineMs.map((each) => each + random(4) - 1) };
}

const rounds = 20_000;

describe("places of a takeover", () => {
  test("common runs are what comparing one by one finds", () => {
    for (let round = 0; round < 2000; round++) {
      const pattern = output(random(8)).keys;
      const text = output(random(12)).keys;
      const prefixes = [...commonPrefixes(pattern, text)];
      const suffixes = [...commonSuffixes(pattern, text)];
      for (let at = 0; at <= text.length; at++) {
        let length = 0;
        while (length < pattern.length && at + length < text.length && pattern[length] === text[at + length])
          length++;
        expect(prefixes[at]).toBe(length);
        length = 0;
        while (length < pattern.length && length < at && pattern.at(-1 - length) === text[at - 1 - length])
          length++;
        expect(suffixes[at]).toBe(length);
      }
    }
  });

  test("a certain place in the engine's log is the true one, and no other repeats a line", () => {
    let certain = 0;
    let there = 0;
    for (let round = 0; round < rounds; round++) {
      const all = output(2 + random(60));
      const length = all.keys.length;
      const taken = 1 + random(length - 1);
      const first = random(3) === 0 ? 0 : random(length);
      const known = first === 0 && random(2) === 0;
      const from = Math.max(0, taken - 1 - random(40));
      const place = findPlace(
        { keys: all.keys.slice(from, taken), times: all.readMs.slice(from, taken) },
        { keys: all.keys.slice(first), times: all.engineMs.slice(first) },
        known ? taken : undefined,
      );
      const isThere = first < taken;
      if (isThere) there++;
      if (place === undefined) continue;
      if (place.isCertain && isThere && place.unlogged === 0) certain++;
      const truth = Math.max(0, taken - first);
      if (place.isCertain && place.unlogged === 0) expect([round, place.at]).toEqual([round, truth]);
      else expect(place.at).toBeGreaterThanOrEqual(truth);
    }
    // What is there is nearly always found.
    expect(certain / there).toBeGreaterThan(0.97);
  });

  test("lines that the engine did not log are left out of the search", () => {
    const keys = Array.from({ length: 300 }, (_, at) => at);
    const times = keys.map((at) => 1e12 + at);
    const log = [...keys.slice(100, 200), ...Array.from({ length: 50 }, (_, at) => 1000 + at)];
    const place = findPlace({ keys, times }, { keys: log, times: log.map((key) => 1e12 + key) });
    expect(place).toMatchObject({ at: 100, unlogged: 100, isCertain: true });
  });

  test("a certain join of log and attach is the true one, and no other repeats a line", () => {
    let joined = 0;
    for (let round = 0; round < rounds; round++) {
      const { keys } = output(1 + random(80));
      const begin = random(keys.length);
      const logged = begin + 1 + random(keys.length - begin);
      const live = begin + 1 + random(keys.length - begin);
      const quiet = random(2) === 0;
      const must = random(2) === 0;
      const end = quiet ? Math.max(logged, live) : undefined;
      const settled = random(Math.min(logged, live) - begin + 1);
      const join = findJoin(keys.slice(0, end ?? logged), keys.slice(begin, end ?? live), {
        settled,
        quiet,
        must,
      });
      if (join === undefined) continue;
      const truth = (end ?? logged) - begin;
      if (quiet) expect([round, join]).toEqual([round, { skip: truth, isCertain: true }]);
      else if (join.isCertain) expect([round, join.skip]).toEqual([round, truth]);
      else expect(join.skip).toBeGreaterThanOrEqual(truth);
      joined++;
    }
    expect(joined).toBeGreaterThan(rounds / 2);
  });

  test("behind a log that rotated away a certain join is the true one, and no other repeats a line", () => {
    let certain = 0;
    for (let round = 0; round < rounds; round++) {
      // Some outputs tell their lines apart, some repeat.
      const { keys } = output(1 + random(150));
      const all = random(2) === 0 ? keys : keys.map((key, at) => (at % 5 === 0 ? key : 1000 + at));
      const logged = random(all.length);
      const begin = random(all.length);
      const live = begin + 1 + random(all.length - begin);
      const quiet = random(2) === 0;
      const join = findJoin(all.slice(0, logged), all.slice(begin, live), {
        settled: 0,
        quiet,
        closed: true,
        must: random(2) === 0,
      });
      if (join === undefined) continue;
      // Where the attach begins behind the log, its first line may lack its beginning.
      const truth = Math.max(1, logged - begin);
      if (join.isCertain) expect([round, join.skip]).toEqual([round, truth]);
      else expect(join.skip).toBeGreaterThanOrEqual(truth);
      if (join.isCertain) certain++;
    }
    expect(certain).toBeGreaterThan(rounds / 20);
  });

  test("lines of an attach that come late, after the log has rotated away, are not shown again", () => {
    const joining = new Joining(new AwakeClock());
    for (let at = 0; at < 100; at++) joining.addLogged(Buffer.from(`line ${at}\n`));
    joining.close();
    const state = { askedMs: 10, isBraked: false, must: false };
    expect(joining.handOver(state)).toBeUndefined();
    const live = Array.from({ length: 100 }, (_, at) => `line ${at + 40}\n`);
    joining.push(Buffer.from(live.join("")));
    expect(joining.handOver(state)).toEqual({ rest: Buffer.from(live.slice(60).join("")), isCertain: true });
  });

  test("a stream whose only line came from the log is left to the attach when it cannot come from there, too", () => {
    const joining = new Joining(new AwakeClock());
    joining.addLogged(Buffer.from("line\n"));
    joining.logWasRead(250);
    expect(joining.handOver({ askedMs: 100, isBraked: false, must: false })).toBeUndefined();
    joining.push(Buffer.from("line\nnext"));
    const handed = joining.handOver({ askedMs: 500, isBraked: false, must: false });
    expect(handed).toEqual({ rest: Buffer.from("next"), isCertain: true });
  });

  test("a line has one key whoever shows it", () => {
    const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
    const same = (a: Uint8Array, b: Uint8Array): void => expect(keyOf(a)).toBe(keyOf(b));
    same(bytes("text\r\n"), bytes("text"));
    same(bytes("a\xff\xff\xc3(b\n"), Buffer.from("a\ufffd(b"));
    same(bytes(`${"x".repeat(20_000)}1\n`), bytes("x".repeat(16_384)));
    expect(keyOf(bytes("a"))).not.toBe(keyOf(bytes("b")));
    expect(keyOf(bytes(""))).not.toBe(keyOf(bytes(" ")));
  });
});
