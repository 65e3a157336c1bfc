// Numbers, times and sizes as a person reads them, in the browser's language where it matters.

const grouped = new Intl.NumberFormat();

export function count(n: number): string {
  return grouped.format(n);
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** "53 ms", "3 s", "4 m 12 s", "2 h 05 m", "3 d 4 h" from milliseconds. */
export function duration(ms: number): string {
  if (ms > 0 && ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${String(seconds % 60).padStart(2, "0")} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "now", "12 s", "4 m", "2 h", "3 d": how long ago, short. */
export function ago(ms: number, nowMs: number): string {
  const seconds = Math.max(0, Math.floor((nowMs - ms) / 1000));
  if (seconds < 2) return "now";
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = n / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 99.5 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** An RFC 3339 stamp as local time of day with milliseconds, "13:04:05.123". */
export function timeOfDay(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return "";
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** Local date and time, "2026-11-23 13:04:05". */
export function dateTime(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Time since the task began, "+0.123", "+04:05.123", "+1:04:05.123". */
export function sinceStart(time: string, startMs: number): string {
  const ms = Date.parse(time) - startMs;
  if (Number.isNaN(ms)) return "";
  const sign = ms < 0 ? "-" : "+";
  const whole = Math.abs(ms);
  const fraction = String(Math.floor(whole % 1000)).padStart(3, "0");
  const seconds = Math.floor(whole / 1000);
  if (seconds < 60) return `${sign}${seconds}.${fraction}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${sign}${two(minutes)}:${two(seconds % 60)}.${fraction}`;
  return `${sign}${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}.${fraction}`;
}
