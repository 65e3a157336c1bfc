// A master's end in a process of its own, for the test that stops it: prints its port, takes workers, and calls
// each of them once.
import { until } from "../../../helpers/until.ts";
import { masterEnd } from "../worker-fixture.ts";

const end = await masterEnd();
console.log(end.listener.address.port);
for (let served = 0; ; served++) {
  const worker = await until("the next worker", () => end.workers[served], { timeoutMs: 600_000 });
  // Connections that their workers gave up while this process was stopped come first.
  await worker.hello({}).catch(() => {});
}
