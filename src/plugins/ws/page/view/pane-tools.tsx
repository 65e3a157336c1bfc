// The tools of a pane: find, filter, streams, how lines look, what can be taken along.
import { useSignal } from "@preact/signals";
import type { Task } from "../model/api-types.ts";
import { isFiltered } from "../model/api-types.ts";
import { downloadUrl } from "../net/api.ts";
import type { LogPane } from "../state/log-pane.ts";
import { copy } from "../state/notice.ts";
import { route } from "../state/route.ts";
import { foldTraces, stripShown, timeMode, unfoldJson, wrap } from "../state/settings.ts";
import { IconButton } from "./button.tsx";
import { FilterBar } from "./filter-bar.tsx";
import { FindBar } from "./find-bar.tsx";
import { Icon } from "./icons.tsx";

const nextTime = { absolute: "relative", relative: "none", none: "absolute" } as const;
const timeText = { absolute: "time of day", relative: "since the start", none: "none" } as const;

export function PaneTools({ pane, task }: { pane: LogPane; task: Task }) {
  const { filter } = route.value;
  const filtering = useSignal(isFiltered(filter));
  return (
    <fieldset class="tools" aria-label="Log tools">
      <div class="tools-row">
        <FindBar pane={pane} />
        <IconButton
          icon="filter"
          label="Filter lines"
          pressed={filtering.value || isFiltered(filter)}
          onClick={() => {
            filtering.value = !filtering.value;
          }}
        />
        <span class="divider" />
        <Toggle icon="wrap" label="Wrap long lines" state={wrap} />
        <IconButton
          icon="clock"
          label={`Timestamps: ${timeText[timeMode.value]}. Change`}
          pressed={timeMode.value !== "none"}
          onClick={() => {
            timeMode.value = nextTime[timeMode.value];
          }}
        />
        <Toggle icon="json" label="Unfold JSON lines" state={unfoldJson} />
        {!pane.merged && <Toggle icon="fold" label="Fold stack traces" state={foldTraces} />}
        {!pane.merged && <Toggle icon="chart" label="Show lines over time" state={stripShown} />}
        <span class="spring" />
        {!pane.merged && <Take pane={pane} task={task} />}
        <IconButton icon="up" label="To the beginning" hotkey="g" onClick={() => pane.toStart()} />
        <IconButton
          icon="down"
          label="Follow the end"
          hotkey="f"
          pressed={pane.following.value}
          onClick={() => (pane.following.value ? pane.stopFollowing() : pane.followEnd())}
        />
      </div>
      {filtering.value && <FilterBar pane={pane} />}
    </fieldset>
  );
}

function Toggle({
  icon,
  label,
  state,
}: {
  icon: Parameters<typeof IconButton>[0]["icon"];
  label: string;
  state: { value: boolean };
}) {
  return (
    <IconButton
      icon={icon}
      label={label}
      pressed={state.value}
      onClick={() => {
        state.value = !state.value;
      }}
    />
  );
}

function Take({ pane, task }: { pane: LogPane; task: Task }) {
  const { filter } = route.value;
  return (
    <details class="menu">
      <summary class="button plain" aria-label="Download or copy a link" title="Download or copy a link">
        <Icon name="download" />
      </summary>
      <div class="menu-items">
        <a class="button" href={downloadUrl(task.id, "text", filter)} download>
          Download as text
        </a>
        <a class="button" href={downloadUrl(task.id, "ndjson", filter)} download>
          Download as NDJSON
        </a>
        <button
          type="button"
          class="button"
          onClick={() =>
            void copy(location.href, pane.selection.value ? "The link to these lines was" : "The link was")
          }
        >
          Copy link
        </button>
        <button type="button" class="button" onClick={() => void copy(task.id, "The id was")}>
          Copy task id
        </button>
        <button
          type="button"
          class="button"
          onClick={() => void copy(`tasklog monitor ${task.id}`, "The command was")}
        >
          Copy monitor command
        </button>
      </div>
    </details>
  );
}
