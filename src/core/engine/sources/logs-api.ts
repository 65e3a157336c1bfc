// The engine's log through its logs API, to its true end. The API ends a follow early in three cases: the container was
// started again, the last line came without a newline (moby#43860), the reader was slow. So after each end the log is
// asked again from the last stamp on, until the container is down and nothing new comes. Stamps may run backwards;
// what makes this exact is the order of the log: `since` gives everything from the first record that is not older than
// S, and with S the greatest stamp seen, that record is the one that first had it, so the records seen from there on
// are just skipped. With a TTY a follow has no stamps, and no places either: there, only what comes after a new start
// is asked for.

import type { Container, ContainerInspectInfo } from "dockerode";
import { formatEpoch, isLater, parseStamp } from "../../base/stamp.ts";
import { isDown, settled } from "../containers/container-end.ts";
import type { OutputGap } from "../output.ts";
import { LineEnds } from "../records/line-ends.ts";
import type { LogRecord } from "../records/record-format.ts";
import { type LogQuery, readLogs } from "./container-logs.ts";
import type { EngineLog, EngineLogQuery, EngineRecords, LogPlace } from "./engine-log.ts";
import { rotatedAway } from "./gaps.ts";

export class LogsApi implements EngineLog {
  readonly kind = "logs-api";
  readonly limits: string;
  readonly #container: Container;

  constructor(container: Container, limits: string) {
    this.#container = container;
    this.limits = limits;
  }

  async *read(query: EngineLogQuery, signal: AbortSignal): AsyncGenerator<EngineRecords | OutputGap> {
    const ends = new LineEnds(query.skipLines);
    const place = new ApiPlace();
    const isForeign = query.from !== undefined && !place.set(query.from);
    if (isForeign) yield rotatedAway();
    let asked: LogQuery = { follow: query.follow, ...(isForeign ? {} : (place.asked ?? beginning(query))) };
    let { Config, State } = await this.#container.inspect();
    for (;;) {
      for await (const record of readLogs(this.#container, Config.Tty, asked, signal)) {
        const records: LogRecord[] = [];
        const found = place.look(record);
        if (found === "gone") {
          ends.restart(records);
          if (records.length > 0) yield { records: records.splice(0) };
          yield rotatedAway();
        }
        if (found === "seen") continue;
        ends.take(record, records);
        const { here } = place;
        if (records.length > 0) yield { records, ...(ends.isBetween && here && { place: here }) };
      }
      if (!query.follow || signal.aborted) return;
      const wasDown = isDown(State);
      ({ Config, State } = await settled(this.#container, signal));
      if (isDown(State) && (Config.Tty || wasDown)) return;
      asked = { follow: true, ...(Config.Tty ? { since: sinceEnd(State) } : (place.asked ?? asked)) };
    }
  }
}

function beginning({ tail, since }: EngineLogQuery): Pick<LogQuery, "tail" | "since"> {
  if (since !== undefined) return { since: formatEpoch(since.seconds, since.nanos) };
  return tail === undefined ? {} : { tail };
}

function sinceEnd({ FinishedAt, StartedAt }: ContainerInspectInfo["State"]): string {
  const { seconds, nanos } = parseStamp(FinishedAt) ?? parseStamp(StartedAt) ?? { seconds: 0, nanos: 0 };
  return formatEpoch(seconds, nanos);
}

/** The place of a reader of records: the greatest stamp, and the number of records since the first that had it. */
class ApiPlace {
  #seconds = -1;
  #nanos = 0;
  #records = 0;
  #skip = 0;

  /** False for a place of another source. */
  set({ source, seconds, nanos, records }: LogPlace): boolean {
    if (source !== "logs-api") return false;
    this.#seconds = Number(seconds);
    this.#nanos = Number(nanos);
    this.#records = Number(records);
    return true;
  }

  /** Undefined before the first record with a stamp. */
  get here(): LogPlace | undefined {
    if (this.#seconds < 0) return undefined;
    return { source: "logs-api", seconds: this.#seconds, nanos: this.#nanos, records: this.#records };
  }

  /** The query that returns the same records again from the greatest stamp on, and everything behind. */
  get asked(): Pick<LogQuery, "since"> | undefined {
    if (this.#seconds < 0) return undefined;
    this.#skip = this.#records;
    return { since: formatEpoch(this.#seconds, this.#nanos) };
  }

  /** "gone": the first record after asking is not the one that was asked for, it is new itself. */
  look({ seconds, nanos }: LogRecord): "new" | "seen" | "gone" {
    const isFirst = this.#skip > 0 && this.#skip === this.#records;
    const isGone = isFirst && (seconds !== this.#seconds || nanos !== this.#nanos);
    if (this.#skip > 0 && !isGone) {
      this.#skip--;
      return "seen";
    }
    this.#skip = 0;
    if (seconds !== undefined && nanos !== undefined) this.#count(seconds, nanos);
    return isGone ? "gone" : "new";
  }

  #count(seconds: number, nanos: number): void {
    if (isLater({ seconds, nanos }, { seconds: this.#seconds, nanos: this.#nanos })) {
      this.#seconds = seconds;
      this.#nanos = nanos;
      this.#records = 0;
    }
    this.#records++;
  }
}
