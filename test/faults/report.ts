// What many rounds came to, as the tables of docs/reliability.md.
import type { RoundResult } from "./round.ts";
import { Tally } from "./tally.ts";

interface Row {
  rounds: number;
  faults: number;
  seconds: number;
  tally: Tally;
}

export class Report {
  readonly #seed: number;
  readonly #worlds = new Map<string, Row>();
  readonly #faults = new Map<string, number>();
  readonly #total = new Tally();

  constructor(seed: number) {
    this.#seed = seed;
  }

  get isClean(): boolean {
    return this.#total.problems.length === 0;
  }

  add({ name, seconds, faults, tally }: RoundResult): void {
    const row = this.#worlds.get(name) ?? { rounds: 0, faults: 0, seconds: 0, tally: new Tally() };
    this.#worlds.set(name, row);
    row.rounds++;
    row.seconds += seconds;
    row.tally.add(tally);
    this.#total.add(tally);
    for (const [fault, count] of faults) {
      row.faults += count;
      this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + count);
    }
  }

  /** One line; of a round that failed, everything that is known. */
  lineOf({ name, seed, seconds, faults, tally, history, kept }: RoundResult): string {
    const count = [...faults.values()].reduce((sum, each) => sum + each, 0);
    const line = `${name}, seed ${seed}: ${count} faults in ${seconds.toFixed(0)} s, ${tally}`;
    if (tally.problems.length === 0) return line;
    return [`FAILED ${line}`, ...history, ...tally.problems, `kept in ${kept}`].join("\n  ");
  }

  /** `seconds`: of the whole run. */
  toString(seconds: number): string {
    const faults = [...this.#faults].sort(([a], [b]) => a.localeCompare(b));
    const count = faults.reduce((sum, [, each]) => sum + each, 0);
    return [
      "",
      `seed ${this.#seed}, ${count} faults, ${seconds.toFixed(0)} s: ${this.#total}`,
      "",
      "| surroundings | rounds | faults | lines looked at | lost | repeated | out of order | changed | gaps told (lines) | untrue gaps | lost by the engine | other |",
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
      ...[...this.#worlds].map(([name, row]) => rowOf(name, row)),
      "",
      "| fault | times |",
      "| --- | ---: |",
      ...faults.map(([name, each]) => `| ${name} | ${each} |`),
    ].join("\n");
  }
}

function rowOf(name: string, { rounds, faults, tally }: Row): string {
  const { lines, lost, repeated, disordered, changed, gaps, gapLines, untrue, lostByEngine, problems } =
    tally;
  const other = problems.filter(
    (problem) => !/^(lost|repeated|disordered|changed|untrue) /.test(problem),
  ).length;
  const cells = [
    name,
    rounds,
    faults,
    lines,
    lost,
    repeated,
    disordered,
    changed,
    `${gaps} (${gapLines})`,
    untrue,
    lostByEngine,
    other,
  ];
  return `| ${cells.join(" | ")} |`;
}
