// What came out of a run, in numbers that add up over tasks, viewers and rounds.

export class Tally {
  /** Lines that were looked at, at all viewers together. */
  lines = 0;
  viewers = 0;
  tasks = 0;
  /** Gaps that were told, and lines that stand in them. */
  gaps = 0;
  gapLines = 0;
  /** Gaps that say themselves that perhaps nothing is missing. */
  perhaps = 0;
  lost = 0;
  repeated = 0;
  disordered = 0;
  /** A number that means two lines, or a line that nobody printed. */
  changed = 0;
  /** Gaps that were told though the lines are there, or that tell another count than what is missing. */
  untrue = 0;
  /** Lines that the engine itself does not have: it dropped them, and nobody behind it can know. */
  lostByEngine = 0;
  readonly problems: string[] = [];
  readonly #wheres = new Map<string, number>();

  /** Only the first few of one kind at one place are put in words. */
  problem(
    kind: "lost" | "repeated" | "disordered" | "changed" | "untrue",
    count: number,
    where: string,
    what: string,
  ): void {
    this[kind] += count;
    const key = `${kind} ${where}`;
    const known = this.#wheres.get(key) ?? 0;
    this.#wheres.set(key, known + 1);
    if (known < 3) this.problems.push(`${kind} ${count}: ${where}: ${what}`);
  }

  /** What is wrong and is not a matter of lines. */
  fault(what: string): void {
    this.problems.push(what);
  }

  add(other: Tally): void {
    for (const key of ["lines", "viewers", "tasks", "gaps", "gapLines", "perhaps", "lostByEngine"] as const)
      this[key] += other[key];
    for (const key of ["lost", "repeated", "disordered", "changed", "untrue"] as const)
      this[key] += other[key];
    this.problems.push(...other.problems);
  }

  toString(): string {
    const {
      lines,
      viewers,
      tasks,
      lost,
      repeated,
      disordered,
      changed,
      untrue,
      gaps,
      gapLines,
      perhaps,
      lostByEngine,
    } = this;
    return `${lines} lines at ${viewers} viewers of ${tasks} tasks: ${lost} lost, ${repeated} repeated, ${disordered} out of order, ${changed} changed; ${gaps} gaps told (${gapLines} lines), ${untrue} of them untrue${perhaps > 0 ? `, ${perhaps} tasks told that lines may be missing` : ""}${lostByEngine > 0 ? `; ${lostByEngine} lines lost by the engine itself` : ""}`;
  }
}
