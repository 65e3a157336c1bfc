// Keeps listening to an engine's events, over its restarts and cut connections. First it listens, then it hears what it
// has missed, then it has all containers looked at: so nothing falls between. Up to where everything is heard is written
// down, so that a worker that was away hears the rest, as far as the engine remembers it.

import { backoffMs } from "../../base/back-off.ts";
import { stampNow } from "../../base/clock.ts";
import { TasklogError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Stamp } from "../../base/stamp.ts";
import { pause } from "../../base/wait.ts";
import type { Engine } from "../../engine/client/engine.ts";
import { type EngineEvent, openEvents } from "../../engine/containers/engine-events.ts";
import type { TaskRecords } from "../tasks/task-records.ts";
import type { Watch } from "./watch.ts";

export interface EventListenerParts {
  engine: Engine;
  records: TaskRecords;
  /** Is told whether events are heard. */
  watch: Watch;
  logger: Logger;
  signal: AbortSignal;
  /** May get an event twice. */
  hear: (event: EngineEvent) => Promise<void>;
  /** `heard`: what happened since then may have been missed; undefined: nobody has ever listened before. */
  lookAtAll: (heard: Stamp | undefined) => Promise<void>;
}

/** The note of the time up to which everything is heard and written down. */
const eventsHeard = "engine events heard";

export class EventListener {
  readonly #parts: EventListenerParts;
  #failures = 0;

  constructor(parts: EventListenerParts) {
    this.#parts = parts;
  }

  /** Listens until the signal aborts. Never throws. */
  async listen(): Promise<void> {
    const { signal, logger, watch } = this.#parts;
    while (!signal.aborted) {
      try {
        await this.#listenOnce();
      } catch (error) {
        if (signal.aborted) return;
        const { message } = TasklogError.from(error);
        if (this.#failures === 0)
          logger.warn(
            `adopted containers are not read until the engine's events can be received: ${message}`,
          );
      }
      watch.down();
      await pause(backoffMs(this.#failures++), signal);
    }
  }

  /** Throws TasklogError when the engine is not there any more. */
  async #listenOnce(): Promise<void> {
    const { engine, records, hear, lookAtAll } = this.#parts;
    using ending = new DisposableStack();
    const leaving = new AbortController();
    ending.defer(() => leaving.abort());
    const signal = AbortSignal.any([this.#parts.signal, leaving.signal]);

    const now = stampNow();
    const heard = records.noted(eventsHeard) as Stamp | undefined;
    const events = await openEvents(engine, {}, signal);
    const missed = new Set<string>();
    if (heard !== undefined) {
      for await (const event of await openEvents(engine, { since: heard, until: now }, signal)) {
        missed.add(eventKey(event));
        await hear(event);
      }
    }
    await lookAtAll(heard);
    records.note(eventsHeard, now);
    this.#isUp();
    for await (const event of events) {
      if (missed.delete(eventKey(event))) continue;
      await hear(event);
      records.note(eventsHeard, event.at);
    }
  }

  #isUp(): void {
    const { watch, logger } = this.#parts;
    if (this.#failures > 0) logger.info("the engine's events are received again");
    this.#failures = 0;
    watch.up();
  }
}

function eventKey({ action, containerId, at }: EngineEvent): string {
  return `${at.seconds}.${at.nanos} ${action} ${containerId}`;
}
