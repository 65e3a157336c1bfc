// Ctrl-K: go to a task or do something, by typing a part of its name. A combobox over a list box, as ARIA describes it.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { lookForTasks } from "../net/older-tasks.ts";
import { type Command, commandsFor, type PaletteMode } from "./commands.ts";

const mode = signal<PaletteMode | undefined>(undefined);
const text = signal("");
const at = signal(0);

/** "add": a chosen task comes beside those that are shown. */
export function openPalette(next: PaletteMode = "go"): void {
  text.value = "";
  at.value = 0;
  mode.value = next;
}

export function Palette() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (mode.value !== undefined && !dialog.current?.open) dialog.current?.showModal();
  }, [mode.value]);
  const close = () => dialog.current?.close();
  return (
    // Escape closes a dialog; the click is on the ground behind it.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <dialog
      ref={dialog}
      class="dialog palette"
      aria-label="Go to a task or do something"
      onClose={() => {
        mode.value = undefined;
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      {mode.value !== undefined && <Choices commands={commandsFor(mode.value, text.value)} onClose={close} />}
    </dialog>
  );
}

function Choices({ commands, onClose }: { commands: Command[]; onClose: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const active = Math.min(at.value, commands.length - 1);
  useLayoutEffect(() => input.current?.focus(), []);
  useLayoutEffect(
    () => list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" }),
    [active, text.value],
  );
  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  const keyed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      at.value = (active + step + commands.length) % Math.max(1, commands.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(commands[active]);
    }
  };
  return (
    <>
      <input
        ref={input}
        class="palette-input"
        type="text"
        role="combobox"
        aria-label="Task or command"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={commands.length > 0 ? `palette-${active}` : undefined}
        placeholder={mode.value === "add" ? "Show which task beside?" : "Go to a task, or do something"}
        spellcheck={false}
        autocomplete="off"
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
          lookForTasks(currentTarget.value);
          at.value = 0;
        }}
        onKeyDown={keyed}
      />
      <div
        ref={list}
        id="palette-list"
        class="palette-list"
        role="listbox"
        aria-label="Choices"
        tabIndex={-1}
      >
        {commands.map((command, i) => (
          // The keyboard is handled by the input that owns the list.
          // biome-ignore lint/a11y/useKeyWithClickEvents: see above
          <div
            key={command.id}
            id={`palette-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === active}
            onClick={() => run(command)}
            onPointerMove={() => {
              at.value = i;
            }}
          >
            <span class="palette-title">{command.title}</span>
            <span class="palette-hint">{command.hint}</span>
          </div>
        ))}
        {commands.length === 0 && <p class="muted palette-none">No match.</p>}
      </div>
    </>
  );
}
