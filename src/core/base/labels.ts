// Texts of the form `key` or `key=value`: labels, variables of an environment, rules. This is the only place where they
// are taken apart. What a key may look like, and what a missing value means, each caller says itself.

/**
 * Takes a text apart at its first `=`. The key is what stands before it, or the whole text: empty for `=value`. The value
 * is what stands behind it, which may be empty and may have further `=`; it is undefined if there is none.
 */
export function parseKeyValue(text: string): { key: string; value: string | undefined } {
  const at = text.indexOf("=");
  return at === -1 ? { key: text, value: undefined } : { key: text.slice(0, at), value: text.slice(at + 1) };
}

/** True if `wanted`, which is `key` or `key=value`, is among `labels`; `key` alone takes any value. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const { key, value } = parseKeyValue(wanted);
  return Object.hasOwn(labels, key) && (value === undefined || labels[key] === value);
}

/** True if all of `wanted` are among `labels`. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
  return wanted.every((label) => hasLabel(labels, label));
}
