// The engine's log of a container to its true end. The logs API ends a follow early in three cases: the container was
// started again, the last line came without a newline (moby#43860), the reader was slow. So after each end the log is
// asked again from the last stamp on, until the container is down and nothing new comes. Stamps may run backwards;
// what makes this exact is the order of the log: `since` gives everything from the first record that is not older than
// S, and with S the greatest stamp seen, that record is the one that first had it, so the records seen from there on
// are just skipped. With a TTY there are no stamps: then only what comes after a new start is asked for.
import type { Container, ContainerInspectInfo } from "dockerode";
import { type LogQuery, type LogRecord, readLogs } from "./container-logs.ts";
import { formatSince } from "./engine-stamp.ts";

/** How long a container may take to be started again by its restart policy, asked for this often (ms). */
const restartPollMs = 200;

export async function* followLogs(
  container: Container,
  query: LogQuery,
  signal: AbortSignal,
): AsyncGenerator<LogRecord> {
  let { Config, State } = await container.inspect();
  const place = new Place();
  let asked = query;
  for (;;) {
    for await (const record of readLogs(container, Config.Tty, asked, signal)) {
      if (place.isNew(record)) yield record;
    }
    if (!query.follow || signal.aborted) return;
    const wasRunning = State.Running;
    ({ Config, State } = await container.inspect());
    while (State.Restarting && !signal.aborted) {
      await Bun.sleep(restartPollMs);
      ({ Config, State } = await container.inspect());
    }
    if (Config.Tty) {
      if (!State.Running) return;
      asked = { follow: true, since: sinceEnd(State) };
    } else if (!wasRunning && !State.Running) {
      return;
    } else {
      asked = { follow: true, ...place.again(query) };
    }
  }
}

function sinceEnd(state: ContainerInspectInfo["State"]): string {
  const ms = Math.max(0, Date.parse(state.FinishedAt) || Date.parse(state.StartedAt));
  return formatSince(Math.floor(ms / 1000), (ms % 1000) * 1_000_000);
}

/** Where a reader of records stands: the greatest stamp, and how many records came since the first that had it. */
class Place {
  #seconds = -1;
  #nanos = 0;
  #since = 0;
  #skip = 0;

  isNew({ seconds, nanos }: LogRecord): boolean {
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    if (seconds === undefined || nanos === undefined) return true;
    if (seconds > this.#seconds || (seconds === this.#seconds && nanos > this.#nanos)) {
      this.#seconds = seconds;
      this.#nanos = nanos;
      this.#since = 0;
    }
    this.#since++;
    return true;
  }

  /** What to ask for to get the same records again from the greatest stamp on, and everything behind. */
  again(query: LogQuery): Omit<LogQuery, "follow"> {
    if (this.#seconds < 0) return query;
    this.#skip = this.#since;
    return { since: formatSince(this.#seconds, this.#nanos) };
  }
}
