// The head of a log: status, name, image, worker, time, exit code, and what can be done with the task.
import type { Task } from "../model/api-types.ts";
import { ago, bytes, count, duration, plural } from "../model/format.ts";
import { titleOf } from "../model/task-query.ts";
import { now } from "../state/clock.ts";
import type { LogPane } from "../state/log-pane.ts";
import { follow, go, route } from "../state/route.ts";
import { sideShown } from "../state/settings.ts";
import { IconButton } from "./button.tsx";
import { openPalette } from "./palette.tsx";
import { StatusMark } from "./status-mark.tsx";
import { TaskActions } from "./task-actions.tsx";

export function PaneHead({ tasks, pane }: { tasks: Task[]; pane: LogPane }) {
  const first = tasks[0] as Task;
  const { ids, merged } = route.value;
  const isFirst = ids[0] === first.id || merged;
  return (
    <header class="pane-head">
      {isFirst && (
        <>
          <a
            class="button back"
            href="/"
            aria-label="All tasks"
            title="All tasks"
            onClick={(event) => follow(event, {})}
          >
            <BackIcon />
          </a>
          <span class="wide-only">
            <IconButton
              icon="list"
              label="Tasks beside the log"
              pressed={sideShown.value}
              onClick={() => {
                sideShown.value = !sideShown.value;
              }}
            />
          </span>
        </>
      )}
      {merged ? <MergedTitle tasks={tasks} /> : <TaskTitle task={first} pane={pane} />}
      <span class="spring" />
      {!merged && <TaskActions task={first} text={ids.length === 1} />}
      {isFirst && ids.length > 1 && (
        <IconButton
          icon={merged ? "columns" : "merge"}
          label={merged ? "Show side by side" : "Show merged by time"}
          onClick={() => go({ ...route.value, merged: !merged })}
        />
      )}
      {isFirst && (
        <IconButton icon="plus" label="Show another task beside" onClick={() => openPalette("add")} />
      )}
      {ids.length > 1 && !merged && (
        <IconButton
          icon="close"
          label={`Close ${titleOf(first)}`}
          onClick={() => go({ ...route.value, ids: ids.filter((id) => id !== first.id) })}
        />
      )}
    </header>
  );
}

function BackIcon() {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d="M10 3 5 8l5 5" />
    </svg>
  );
}

function TaskTitle({ task, pane }: { task: Task; pane: LogPane }) {
  const status = pane.log.status.value ?? task.status;
  const { exitCode, startedMs, finishedMs, createdMs, image, worker, id, name } = task;
  return (
    <div class="pane-title">
      <h1>
        <StatusMark status={task.status === "pending" ? task.status : status} word={false} />
        <span class="pane-name">{titleOf(task)}</span>
      </h1>
      <dl class="facts">
        <Fact name="Status" value={status} />
        {exitCode !== null && <Fact name="Exit code" value={`exit ${exitCode}`} bad={exitCode !== 0} />}
        {task.signal && <Fact name="Signal" value={task.signal} bad />}
        {startedMs > 0 && (
          <Fact name="Running time" value={duration((finishedMs || now.value) - startedMs)} />
        )}
        <LinesFact pane={pane} />
        {task.bytes > 0 && finishedMs > 0 && <Fact name="Size" value={bytes(task.bytes)} />}
        {worker && <Fact name="Worker" value={worker} />}
        {task.adopted && <Fact name="Container" value={`${task.adopted.container} (adopted, read-only)`} />}
        {image && <Fact name="Image" value={image} />}
        <Fact
          name="Age"
          value={`${ago(createdMs, now.value)}${ago(createdMs, now.value) === "now" ? "" : " ago"}`}
        />
        {name !== "" && <Fact name="Id" value={id} />}
      </dl>
    </div>
  );
}

/** Apart, because it changes with every frame. */
function LinesFact({ pane }: { pane: LogPane }) {
  return <Fact name="Lines" value={plural(pane.log.end.value - 1, "line")} />;
}

function Fact({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
  return (
    <div class={bad ? "fact bad" : "fact"} title={name}>
      <dt class="visually-hidden">{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function MergedTitle({ tasks }: { tasks: Task[] }) {
  return (
    <div class="pane-title">
      <h1>{count(tasks.length)} tasks merged by time</h1>
      <span class="facts">{tasks.map(titleOf).join(", ")}</span>
    </div>
  );
}
