// Stamps as RFC 3339 text with nanoseconds. Lines come in runs of the same second, so its text is made once.
let cachedSecond = -1;
let cachedText = "";

/** `2026-11-23T07:51:53.417678314Z` */
export function toTime(seconds: number, nanos: number): string {
  if (seconds !== cachedSecond) {
    cachedText = new Date(seconds * 1000).toISOString().slice(0, 20);
    cachedSecond = seconds;
  }
  return `${cachedText}${String(nanos).padStart(9, "0")}Z`;
}
