import { expect, test } from "bun:test";
import { Places } from "../../../../src/plugins/ws/http/places.ts";

const { signal } = new AbortController();

test("one more than there are places waits, and gets the first that becomes free", async () => {
  const places = new Places(2, 10_000, "downloads");
  const first = await places.enter(signal);
  await places.enter(signal);
  const order: string[] = [];
  const third = places.enter(signal).then((place) => {
    order.push("third");
    return place;
  });
  const fourth = places.enter(signal).then(() => order.push("fourth"));
  await Promise.resolve();
  expect(order).toEqual([]);
  first[Symbol.dispose]();
  first[Symbol.dispose](); // a second time frees nothing
  const place = await third;
  expect(order).toEqual(["third"]);
  place[Symbol.dispose]();
  await fourth;
  expect(order).toEqual(["third", "fourth"]);
});

test("who waits too long is told to come again, who leaves waits no more, and neither takes a place", async () => {
  const places = new Places(1, 20, "downloads");
  const only = await places.enter(signal);
  expect(places.enter(signal)).rejects.toMatchObject({ code: "exhausted", httpStatus: 429 });
  const leaving = new AbortController();
  const left = places.enter(leaving.signal);
  leaving.abort();
  expect(left).rejects.toMatchObject({ code: "aborted" });
  await Promise.allSettled([left, places.enter(signal)]);
  only[Symbol.dispose]();
  (await places.enter(signal))[Symbol.dispose]();
});
