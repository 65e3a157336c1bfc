import { expect, test } from "bun:test";
import { TasklogError } from "../../../../src/core/base/errors.ts";
import { LogProfile } from "../../../../src/plugins/ws/log/log-profile.ts";
import type { LogRange } from "../../../../src/plugins/ws/log/log-range.ts";

test("who waits for a step of another goes on alone when that one leaves", async () => {
  const left = Promise.withResolvers<void>();
  const steps: string[] = [];
  /** A log of which only a gap is left; the first client's reading ends when it leaves. */
  const range = (name: string, ending: () => Promise<void>): LogRange => {
    const forwards = async function* (fromSeq: number, toSeq: number) {
      steps.push(name);
      await ending();
      yield { fromSeq, toSeq };
    };
    return { forwards } as unknown as LogRange;
  };
  const profile = new LogProfile("e", 1);
  const leaving = new AbortController();
  const first = profile.continueTo(
    10,
    range("first", async () => {
      await left.promise;
      throw new TasklogError("aborted", "the client has gone");
    }),
    leaving.signal,
  );
  first.catch(() => {});
  const second = profile.continueTo(
    10,
    range("second", async () => {}),
    new AbortController().signal,
  );
  leaving.abort();
  left.resolve();
  expect(first).rejects.toMatchObject({ code: "aborted" });
  await second;
  expect(steps).toEqual(["first", "second"]);
  expect(profile.nextSeq).toBe(11);
});
