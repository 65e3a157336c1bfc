// `?`: the keys.
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

const open = signal(false);

export function openHelp(): void {
  open.value = true;
}

const keys: [keys: string[], what: string][] = [
  [["Ctrl", "K"], "Go to a task, or do something"],
  [["/"], "Find in the log; in the list: search tasks"],
  [["n"], "Next match"],
  [["N"], "Previous match"],
  [["g"], "To the beginning of the log"],
  [["G"], "To the end, and follow it"],
  [["f"], "Follow the end, or stop"],
  [["w"], "Wrap long lines"],
  [["t"], "Timestamps: time of day, since the start, none"],
  [["Esc"], "Close, or clear the selection"],
  [["?"], "This help"],
];

export function HelpDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (open.value && !dialog.current?.open) dialog.current?.showModal();
  }, [open.value]);
  return (
    // Escape closes a dialog; the click is on the ground behind it.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <dialog
      ref={dialog}
      class="dialog help"
      aria-label="Keyboard and help"
      onClose={() => {
        open.value = false;
      }}
      onClick={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <div class="help-body">
        <h2>Keyboard</h2>
        <dl>
          {keys.map(([names, what]) => (
            <div key={what} class="help-key">
              <dt>
                {names.map((name) => (
                  <kbd key={name}>{name}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <h2>Lines</h2>
        <p>
          Click the number of a line to link to it; click another one with Shift for a range. The number of a
          line never changes, so the link stays true.
        </p>
        <form method="dialog">
          <button type="submit" class="button">
            Close
          </button>
        </form>
      </div>
    </dialog>
  );
}
