// One after the other, in the order of the calls, whatever fails.
import { expect, test } from "bun:test";
import { Turns } from "../../../src/core/base/turns.ts";
import { nextTurn } from "../../../src/core/base/wait.ts";

/** Name, what each work does, what each call gives. */
const cases: [string, string[], string[]][] = [
  ["nothing", [], []],
  ["one", ["ok"], ["ok"]],
  ["several", ["ok", "ok", "ok"], ["ok", "ok", "ok"]],
  ["one that fails in the middle", ["ok", "fails", "ok"], ["ok", "failed", "ok"]],
  ["one that throws at once", ["throws", "ok"], ["failed", "ok"]],
  ["all fail", ["fails", "throws"], ["failed", "failed"]],
];

test.each(cases)("%s", async (_name, works, expected) => {
  const turns = new Turns();
  const seen: string[] = [];
  const results = works.map((kind, index) =>
    turns.take(() => {
      seen.push(`begin ${index}`);
      if (kind === "throws") throw new Error(kind);
      return nextTurn().then(() => {
        seen.push(`end ${index}`);
        if (kind === "fails") throw new Error(kind);
        return kind;
      });
    }),
  );
  const outcomes = await Promise.allSettled(results);
  await turns.settled();
  expect(outcomes.map((one) => (one.status === "fulfilled" ? one.value : "failed"))).toEqual(expected);
  const order = works.flatMap((kind, at) =>
    kind === "throws" ? [`begin ${at}`] : [`begin ${at}`, `end ${at}`],
  );
  expect(seen).toEqual(order);
});
