// In what order `npm test` runs the test files. Files that are named nowhere are quick (under ten seconds): they are run
// last, several in one process. A file that takes longer, or must not be disturbed, gets a line here; nothing else remembers
// how long a file takes.

/** The files that take longest, longest first: begun last, one of them would keep its lane busy alone. */
export const longFiles = [
  "test/faults/faults.test.ts",
  "test/core/worker/runtimes/docker/takeover.test.ts",
  "test/core/engine/takeover/engine-cut.test.ts",
  "test/e2e/adopt-faults.test.ts",
  "test/core/worker/runtimes/docker/docker-runtime.test.ts",
  "test/browser/master.test.ts",
  "test/browser/tasks.test.ts",
  "test/e2e/webhooks.test.ts",
  "test/e2e/durations.test.ts",
  "test/e2e/engine-away.test.ts",
  "test/e2e/run.test.ts",
  "test/e2e/bad-input.test.ts",
  "test/e2e/monitor.test.ts",
  "test/browser/day.test.ts",
  "test/plugins/contract.test.ts",
  "test/core/worker/tasks/engine-away.test.ts",
  "test/core/engine/sources/engine-log-gaps.test.ts",
  "test/core/worker/local/monitor-container.test.ts",
  "test/core/rpc/link/worker-link.test.ts",
  "test/plugins/webhook/webhook.test.ts",
  "test/core/engine/sources/places.test.ts",
  "test/plugins/ws/bad-input.test.ts",
  "test/browser/find.test.ts",
  "test/core/log/segments/model.test.ts",
  "test/core/engine/sources/run-reader.test.ts",
];

/** The files that are run one after the other while nothing else runs, because others would disturb them, or they others. */
export const aloneFiles = [
  "test/core/engine/files/rotation.test.ts", // a burst that a busy machine cannot follow
  "test/e2e/adopt-bursts.test.ts", // the same
  "test/plugins/ws/load.test.ts", // how long anything holds up the others, in ms
  "test/browser/log.test.ts", // how smoothly it scrolls
  "test/e2e/up.test.ts", // ready in under a second
  "test/e2e/slow-disk.test.ts", // rates of a disk
  "test/e2e/full-disk.test.ts", // disks that are full
  "test/core/log/segments/disk-full.test.ts",
  "test/e2e/webhook-rebinding.test.ts", // a network of its own
  "test/e2e/start.test.ts", // builds dist/tasklog anew, which others run
];
