// The engine's events as they come: one JSON object a line.
import { expect, test } from "bun:test";
import { parseEvent } from "../../../../src/core/engine/containers/engine-events.ts";

test("the time of an event is exact to the nanosecond, which no number of JSON is", () => {
  const line = JSON.stringify({ Type: "container", Action: "die", Actor: { ID: "abc" } });
  const timed = line.replace(/}$/, ',"time":1795540613,"timeNano":1795540613417678311}');
  const at = { seconds: 1_795_540_613, nanos: 417_678_311 };
  expect(parseEvent(timed)).toEqual({ action: "die", containerId: "abc", at, attributes: {} });
});
