// The one button with a picture: labelled for everyone, with its key in the tip.
import { Icon, type IconName } from "./icons.tsx";

export interface IconButtonProps {
  icon: IconName;
  label: string;
  /** The key that does the same. */
  hotkey?: string;
  pressed?: boolean | undefined;
  /** The label is also shown as text. */
  text?: string;
  disabled?: boolean;
  tone?: "plain" | "accent" | "danger";
  onClick: (event: MouseEvent) => void;
}

export function IconButton({
  icon,
  label,
  hotkey,
  pressed,
  text,
  disabled = false,
  tone = "plain",
  onClick,
}: IconButtonProps) {
  return (
    <button
      type="button"
      class={`button ${tone}`}
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={hotkey}
      title={hotkey === undefined ? label : `${label} (${hotkey})`}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {text !== undefined && <span class="button-text">{text}</span>}
    </button>
  );
}
