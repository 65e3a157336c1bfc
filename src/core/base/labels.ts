// Labels as they are asked for: `key`, or `key=value`.

/** True if all of `wanted` are among `labels`. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
  return wanted.every((label) => {
    const at = label.indexOf("=");
    if (at < 0) return Object.hasOwn(labels, label);
    return labels[label.slice(0, at)] === label.slice(at + 1);
  });
}
