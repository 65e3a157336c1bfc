// How far two sequences agree from a place on, for every place at once and in linear time (the Z function): sequences
// of a hundred thousand equal lines are ordinary here, and comparing them place by place would be quadratic.

type Keys = ArrayLike<number>;

/** For each index i of `text` from 0 to its length: how many keys `text` from i on has in common with `pattern`. */
export function commonPrefixes(pattern: Keys, text: Keys): Int32Array {
  const m = pattern.length;
  const own = new Int32Array(m);
  if (m > 0) own[0] = m;
  for (let i = 1, left = 0, right = 0; i < m; i++) {
    let length = i < right ? Math.min(right - i, own[i - left] as number) : 0;
    while (i + length < m && pattern[length] === pattern[i + length]) length++;
    own[i] = length;
    if (i + length > right) [left, right] = [i, i + length];
  }
  const n = text.length;
  const found = new Int32Array(n + 1);
  for (let i = 0, left = 0, right = 0; i < n; i++) {
    let length = i < right ? Math.min(right - i, own[i - left] as number) : 0;
    while (length < m && i + length < n && pattern[length] === text[i + length]) length++;
    found[i] = length;
    if (i + length > right) [left, right] = [i, i + length];
  }
  return found;
}

/** For each index i from 0 to its length: how many keys `text` up to i has in common with the end of `pattern`. */
export function commonSuffixes(pattern: Keys, text: Keys): Int32Array {
  return commonPrefixes(reversed(pattern), reversed(text)).reverse();
}

function reversed(keys: Keys): number[] {
  return Array.from(keys).reverse();
}
