// The foot of a pane: where one is, whether lines are still coming, how it ended. Before there are lines: why not.
import type { Progress } from "../../../../core/log/log-item.ts";
import type { Task } from "../model/api-types.ts";
import { bytes, count } from "../model/format.ts";
import type { LogPane } from "../state/log-pane.ts";

export function LogState({ pane, task }: { pane: LogPane; task: Task }) {
  const { log } = pane;
  const lines = log.end.value - 1;
  const failure = log.failure.value;
  return (
    <>
      {lines === 0 && <Nothing pane={pane} task={task} />}
      <div class="foot">
        <span class="foot-state" role="status" aria-live="polite">
          {failure === "" ? <Ending pane={pane} task={task} /> : <span class="bad">{failure}</span>}
        </span>
        <span class="spring" />
        {pane.looking.value && <span class="quiet">looking for lines that fit …</span>}
        <Place pane={pane} lines={lines} />
      </div>
    </>
  );
}

function Ending({ pane, task }: { pane: LogPane; task: Task }) {
  const { log } = pane;
  const completion = log.completion.value;
  if (completion !== undefined && !pane.merged) {
    const { status, exitCode, signal, message } = completion;
    const how = [status, exitCode === null ? "" : `exit code ${exitCode}`, signal ?? ""]
      .filter(Boolean)
      .join(", ");
    return (
      <span class={`ended status-${status}`}>
        Ended: {how}
        {message ? ` — ${message}` : ""}
      </span>
    );
  }
  if (pane.merged && pane.logs.every((one) => one.completion.value !== undefined)) return <>All have ended</>;
  if (log.connected.value === undefined) return <>Connecting …</>;
  if (!log.connected.value)
    return <span class="away">Connection lost. Nothing is missed: it goes on where it stopped.</span>;
  const progress = log.state.value?.progress;
  if (progress !== undefined) return <PullProgress {...progress} />;
  const status = log.status.value ?? task.status;
  if (status === "pending" || status === "starting")
    return <>{log.state.value?.detail || task.detail || status}</>;
  return (
    <>
      <span class="dot up live" aria-hidden="true" />
      Live
    </>
  );
}

function PullProgress({ what, currentBytes, totalBytes, message }: Progress) {
  return (
    <>
      {message || what}
      {totalBytes > 0 && (
        <>
          <progress max={totalBytes} value={currentBytes} aria-label={what} /> {bytes(currentBytes)} of{" "}
          {bytes(totalBytes)}
        </>
      )}
    </>
  );
}

function Place({ pane, lines }: { pane: LogPane; lines: number }) {
  const seen = pane.visible.value;
  if (seen === undefined || pane.merged || lines === 0) return null;
  const first = Math.min(seen.fromSeq, lines);
  const last = Math.min(seen.toSeq, lines);
  return (
    <span class="place">
      <span class="wide-only">Lines </span>
      {count(first)}–{count(last)} of {count(lines)}
    </span>
  );
}

function Nothing({ pane, task }: { pane: LogPane; task: Task }) {
  const { log } = pane;
  const ended = log.completion.value !== undefined;
  const status = log.status.value ?? task.status;
  const waits = status === "pending" || status === "starting";
  const detail = log.state.value?.detail || task.detail;
  if (log.connected.value === undefined) return null;
  return (
    <div class="empty over">
      <p>
        {ended
          ? log.completion.value?.message || "It ended without printing a line."
          : waits
            ? detail || "It waits for its turn."
            : "No line yet. The first one appears here at once."}
      </p>
    </div>
  );
}
