// Which lines are shown: what they must and must not contain, and of which stream. It is part of the address.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { startTimer } from "../../../../core/base/wait.ts";
import type { LogFilter, StreamChoice } from "../model/api-types.ts";
import { isFiltered, noFilter } from "../model/api-types.ts";
import type { LogPane } from "../state/log-pane.ts";
import { go, route } from "../state/route.ts";
import { IconButton } from "./button.tsx";

/** The pause in typing after which the filter counts, in ms: each change asks the server. */
const typingMs = 300;
const streams: [StreamChoice, string][] = [
  ["all", "Both"],
  ["stdout", "stdout"],
  ["stderr", "stderr"],
];
/** A pattern for problems; it has no flags, so that every dialect takes it. */
const problems = "ERR|[Ee]rror|WARN|[Ww]arn|FATAL|[Ff]atal|PANIC|[Pp]anic|[Ee]xception|CRIT";

export function FilterBar({ pane }: { pane: LogPane }) {
  const draft = useSignal<LogFilter>(route.value.filter);
  const failure = pane.log.failure.value;
  useEffect(() => {
    const timer = startTimer(() => {
      const filter = draft.value;
      if (JSON.stringify(filter) === JSON.stringify(route.peek().filter)) return;
      go({ ...route.peek(), filter }, { replace: true, hash: location.hash });
    }, typingMs);
    return () => timer.stop();
  }, [draft.value]);
  const change = (part: Partial<LogFilter>) => {
    draft.value = { ...draft.value, ...part };
  };
  return (
    <fieldset class="tools-row filter-bar">
      <legend class="visually-hidden">Filter</legend>
      <Pattern
        label="Only lines with"
        value={draft.value.include}
        onText={(include) => change({ include })}
      />
      <Pattern label="Without" value={draft.value.exclude} onText={(exclude) => change({ exclude })} />
      <fieldset class="segments" aria-label="Stream">
        {streams.map(([choice, text]) => (
          <button
            key={choice}
            type="button"
            aria-pressed={draft.value.streams === choice}
            onClick={() => change({ streams: choice })}
          >
            {text}
          </button>
        ))}
      </fieldset>
      <button
        type="button"
        class="button"
        aria-pressed={draft.value.include === problems}
        onClick={() => change({ include: draft.value.include === problems ? "" : problems })}
      >
        Problems
      </button>
      {isFiltered(draft.value) && (
        <IconButton icon="close" label="Show all lines" onClick={() => change(noFilter)} />
      )}
      {failure !== "" && <span class="bad">{failure}</span>}
    </fieldset>
  );
}

function Pattern({ label, value, onText }: { label: string; value: string; onText: (text: string) => void }) {
  return (
    <label class="field">
      <span class="field-label">{label}</span>
      <input
        type="text"
        spellcheck={false}
        autocomplete="off"
        placeholder="regular expression"
        value={value}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
    </label>
  );
}
