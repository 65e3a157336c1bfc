// Search-as-you-type and the choice of statuses, shared by the list of tasks and the one beside a log.
import { signal } from "@preact/signals";
import type { StatusChoice } from "../model/task-query.ts";
import { lookForTasks } from "../net/older-tasks.ts";
import { Icon } from "./icons.tsx";

export const taskText = signal("");
export const statusChoice = signal<StatusChoice>("all");

const choices: [StatusChoice, string][] = [
  ["all", "All"],
  ["active", "Active"],
  ["failed", "Failed"],
  ["done", "Done"],
];

export function TaskSearch() {
  return (
    <>
      <label class="field search-field">
        <Icon name="search" />
        <span class="visually-hidden">Search tasks</span>
        <input
          type="search"
          placeholder="name, image, command or team=shop"
          data-task-search
          value={taskText.value}
          onInput={({ currentTarget }) => {
            taskText.value = currentTarget.value;
            lookForTasks(currentTarget.value);
          }}
        />
      </label>
      <fieldset class="segments" aria-label="Status">
        {choices.map(([choice, text]) => (
          <button
            key={choice}
            type="button"
            aria-pressed={statusChoice.value === choice}
            onClick={() => {
              statusChoice.value = choice;
            }}
          >
            {text}
          </button>
        ))}
      </fieldset>
    </>
  );
}
