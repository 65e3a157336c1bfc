// All tasks, newest first, live: a table on a wide screen, cards on a narrow one, by style alone.
import { signal } from "@preact/signals";
import type { Task } from "../model/api-types.ts";
import { ago, bytes, count, dateTime, duration } from "../model/format.ts";
import { findTasks, titleOf } from "../model/task-query.ts";
import { feedUp, tasks } from "../net/task-feed.ts";
import { now } from "../state/clock.ts";
import { follow, go, toPath } from "../state/route.ts";
import { IconButton } from "./button.tsx";
import { StatusMark } from "./status-mark.tsx";
import { TaskActions } from "./task-actions.tsx";
import { statusChoice, TaskSearch, taskText } from "./task-search.tsx";

const chosen = signal<ReadonlySet<string>>(new Set());
/** Rows drawn at once; more when asked for. */
const stepRows = 200;
/** The longest command that is shown, in characters; more than a screen is wide. */
const commandShownMax = 400;
const shownRows = signal(stepRows);

export function TasksPage() {
  const found = findTasks(tasks.value.values(), { text: taskText.value, status: statusChoice.value });
  const rows = found.slice(0, shownRows.value);
  return (
    <section class="tasks-page" aria-label="Tasks">
      <div class="tasks-bar">
        <h1>Tasks</h1>
        <TaskSearch />
        <span class="muted" role="status">
          {count(found.length)} of {count(tasks.value.size)}
        </span>
        <span class="spring" />
        {chosen.value.size > 0 && <ChosenActions />}
      </div>
      <div class="tasks-scroll">
        {rows.length === 0 ? <NoTasks /> : <TaskTable rows={rows} />}
        {found.length > rows.length && (
          <button
            type="button"
            class="button more"
            onClick={() => {
              shownRows.value += stepRows * 5;
            }}
          >
            Show more ({count(found.length - rows.length)} left)
          </button>
        )}
      </div>
    </section>
  );
}

function ChosenActions() {
  const ids = [...chosen.value];
  return (
    <span class="chosen">
      {count(ids.length)} chosen
      <IconButton icon="columns" text="Side by side" label="Show side by side" onClick={() => go({ ids })} />
      {ids.length > 1 && (
        <IconButton
          icon="merge"
          text="Merged"
          label="Show merged by time"
          onClick={() => go({ ids, merged: true })}
        />
      )}
      <IconButton icon="close" label="Clear selection" onClick={() => choose(new Set())} />
    </span>
  );
}

function choose(ids: ReadonlySet<string>) {
  chosen.value = ids;
}

function NoTasks() {
  if (feedUp.value === undefined) return <p class="empty">Loading …</p>;
  if (tasks.value.size > 0) return <p class="empty">No matching task.</p>;
  return (
    <div class="empty">
      <p>No task yet. Start one in a terminal; it appears here at once:</p>
      <pre>tasklog run alpine -- echo hello</pre>
    </div>
  );
}

function TaskTable({ rows }: { rows: Task[] }) {
  return (
    <table class="tasks">
      <thead>
        <tr>
          <th class="col-choose">
            <span class="visually-hidden">Choose</span>
          </th>
          <th class="col-status">Status</th>
          <th class="col-task">Task</th>
          <th class="col-image">Image</th>
          <th class="col-command">Command</th>
          <th class="col-worker">Worker</th>
          <th class="number-cell col-lines">Lines</th>
          <th class="number-cell col-size">Size</th>
          <th class="number-cell col-time">Time</th>
          <th class="number-cell col-age">Age</th>
          <th class="cell-actions">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </tbody>
    </table>
  );
}

function TaskRow({ task }: { task: Task }) {
  const { id, name, image, command, worker, status, exitCode, lastSeq, createdMs, startedMs, finishedMs } =
    task;
  const isChosen = chosen.value.has(id);
  const toggle = () => {
    const next = new Set(chosen.value);
    if (!next.delete(id)) next.add(id);
    choose(next);
  };
  const open = (event: MouseEvent) => {
    const target = event.target as Element;
    if (target.closest("a, button, input, label") === null && getSelection()?.isCollapsed !== false)
      go({ ids: [id] });
  };
  const failed = exitCode !== null && exitCode !== 0;
  return (
    <tr onClick={open}>
      <td class="col-choose">
        <input type="checkbox" checked={isChosen} onChange={toggle} aria-label={`Choose ${titleOf(task)}`} />
      </td>
      <td class="cell-status">
        <StatusMark status={status} />
        {failed && (
          <span class="exit-code">
            exit {exitCode}
            {task.reason !== "" && ` · ${task.reason}`}
          </span>
        )}
      </td>
      <td class="cell-task">
        <a href={toPath({ ids: [id] })} onClick={(event) => follow(event, { ids: [id] })}>
          {titleOf(task)}
        </a>
        {task.detail !== "" && (
          <span class="task-detail" title={task.detail}>
            {task.detail}
          </span>
        )}
        {name !== "" && <span class="task-id">{id}</span>}
      </td>
      <td class="cell-image">{image}</td>
      <td class="cell-command col-command" title={command.join(" ")}>
        {command.join(" ").slice(0, commandShownMax)}
      </td>
      <td class="col-worker">{worker}</td>
      <td class="number-cell cell-lines">{lastSeq > 0 ? count(lastSeq) : ""}</td>
      <td class="number-cell col-size">{task.bytes > 0 ? bytes(task.bytes) : ""}</td>
      <td class="number-cell cell-time">
        {startedMs > 0 ? duration((finishedMs || now.value) - startedMs) : ""}
      </td>
      <td class="number-cell cell-age" title={dateTime(createdMs)}>
        {ago(createdMs, now.value)}
      </td>
      <td class="cell-actions">
        <TaskActions task={task} />
      </td>
    </tr>
  );
}
