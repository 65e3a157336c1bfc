// Which lines belong to the line before them: the frames and causes of a stack trace, by the way they begin. Knows
// Java, JavaScript, Python, Go, Ruby, Rust, PHP and .NET.

const continues =
  /^(?:\s+at\s|\s+\.\.\. \d+ (?:more|common)|\s*Caused by: |\s*Suppressed: |\s+File ".*", line \d+|\s{4,}\S|\t\S|\s+from \S+:\d+|\s+\d+: +\S|#\d+ |\s+#\d+ |goroutine \d+ \[|created by |\s+--- End of |During handling of the above|The above exception was )/;
/** Headings of a trace that stand alone: what follows them belongs to them even when it is not set in. */
const heading = /^Traceback \(most recent call last\):/;
const pythonEnd = /^(?:\w+\.)*\w*(?:Error|Exception|Interrupt|Exit)(?:: |$)/;

/** A group of lines is looked for this far, in lines. */
export const groupLinesMax = 500;

/** True if `plain` continues what `before`, the line before it, is a part of. */
export function continuesTrace(plain: string, before: string): boolean {
  if (continues.test(plain)) return true;
  return pythonEnd.test(plain) && (continues.test(before) || heading.test(before));
}
