// The values that a plugin keeps in the master's database: small texts, and one at a time, so that a plugin that
// writes a million of them is behind with its own and holds up no task. The database answers without a turn of the
// event loop (Bun 1.4.5), so the loop is given its turn here.

import { TasklogError } from "../../base/errors.ts";
import { Turns } from "../../base/turns.ts";
import { nextTurn } from "../../base/wait.ts";
import type { KeyValue } from "../store/master-store.ts";

/** The largest key and value that a plugin can keep (`host.keyValue`), in characters. */
const pluginKeyMax = 1024;
const pluginValueMax = 1024 * 1024;

/** The event loop has its turn after so many. */
const turnCallsMax = 32;

export function boundedValues(values: KeyValue): KeyValue {
  const turns = new Turns();
  let calls = 0;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    return turns.take(async () => {
      if (++calls % turnCallsMax === 0) await nextTurn();
      return await work();
    });
  };
  return {
    get: (key) => inTurn(() => values.get(key)),
    set: (key, value) =>
      inTurn(async () => {
        requireText("key", key, pluginKeyMax);
        requireText("value", value, pluginValueMax);
        await values.set(key, value);
      }),
    delete: (key) => inTurn(() => values.delete(key)),
    list: (prefix) => inTurn(() => values.list(prefix)),
  };
}

function requireText(what: string, text: unknown, max: number): void {
  if (typeof text !== "string") throw new TasklogError("invalid", `the ${what} to keep is no text`);
  if (text.length <= max) return;
  throw new TasklogError(
    "invalid",
    `the ${what} to keep has ${text.length} characters; at most ${max} are taken`,
  );
}
