// What a promise was rejected with. bun:test's own `.rejects` (Bun 1.4.5) runs the event loop inside the matcher and
// hangs when the test goes on from within a callback of the very connection that has to bring the answer.
export function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`it did not fail but gave ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
