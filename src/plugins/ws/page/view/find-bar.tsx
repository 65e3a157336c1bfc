// Find in the whole log: what is typed, how much was found and looked through so far, next and previous.

import { count } from "../model/format.ts";
import type { FindQuery } from "../model/matcher.ts";
import type { LogPane } from "../state/log-pane.ts";
import { IconButton } from "./button.tsx";
import { Icon } from "./icons.tsx";

export function FindBar({ pane }: { pane: LogPane }) {
  const { finder } = pane;
  const query = finder.query.value;
  const change = (part: Partial<FindQuery>) => pane.find({ ...query, ...part });
  const keyed = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      void pane.findStep(event.shiftKey ? "prev" : "next");
    } else if (event.key === "Escape") {
      if (query.text !== "") change({ text: "" });
      (event.currentTarget as HTMLElement).closest(".pane")?.querySelector<HTMLElement>(".lines")?.focus();
    }
  };
  return (
    <search class="find" aria-label="Find in this log">
      <label class="field find-field">
        <Icon name="search" />
        <span class="visually-hidden">Find in the whole log</span>
        <input
          type="text"
          spellcheck={false}
          autocomplete="off"
          placeholder="Find in the whole log"
          data-find
          value={query.text}
          onInput={({ currentTarget }) => change({ text: currentTarget.value })}
          onKeyDown={keyed}
        />
        <button
          type="button"
          class="letter"
          aria-pressed={query.caseSensitive}
          aria-label="Match case"
          title="Match case"
          onClick={() => change({ caseSensitive: !query.caseSensitive })}
        >
          Aa
        </button>
        <button
          type="button"
          class="letter"
          aria-pressed={query.regex}
          aria-label="Regular expression"
          title="Regular expression"
          onClick={() => change({ regex: !query.regex })}
        >
          .*
        </button>
      </label>
      {query.text !== "" && (
        <>
          <span class="found" role="status" aria-live="polite">
            <Found pane={pane} />
          </span>
          <IconButton
            icon="up"
            label="Previous match"
            hotkey="N"
            onClick={() => void pane.findStep("prev")}
          />
          <IconButton icon="down" label="Next match" hotkey="n" onClick={() => void pane.findStep("next")} />
          <FindProgress pane={pane} />
        </>
      )}
    </search>
  );
}

function Found({ pane }: { pane: LogPane }) {
  const { found, more, done, error, progress } = pane.finder.state.value;
  if (error !== "") return <span class="bad">{error}</span>;
  if (found === 0) return <>{done ? "Nothing found" : `${Math.floor(progress * 100)} % looked through`}</>;
  const { ordinal } = pane.finder;
  const total = `${count(found)}${more || !done ? "+" : ""}`;
  return (
    <>
      {ordinal === undefined ? `${total} ${found === 1 ? "line" : "lines"}` : `${count(ordinal)} of ${total}`}
    </>
  );
}

function FindProgress({ pane }: { pane: LogPane }) {
  const { done, busy, progress } = pane.finder.state.value;
  if (done && !busy) return null;
  return (
    <progress
      class="find-progress"
      aria-label="Looked through"
      max={1}
      {...(done ? {} : { value: progress })}
    />
  );
}
