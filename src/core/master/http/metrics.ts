// Numbers about the master for those who watch it: counters and gauges, in the Prometheus text format. Base units,
// `_total` for counters, and never a task id as a label: a label's values must stay few.
import { TasklogError } from "../../base/errors.ts";

export interface Counter {
  add(amount?: number): void;
}

export interface Metrics {
  /** `name` ends in `_total`. */
  counter(name: string, help: string): Counter;
  /** `read` is called when somebody looks. */
  gauge(name: string, help: string, read: () => number): void;
}

interface Series {
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly read: () => number;
}

export class MetricsRegistry {
  readonly #series = new Map<string, Series>();

  /** A part's own metrics; all its names begin with `tasklog_<part>_`. Removed by the returned `remove`. */
  part(part: string): Metrics & { remove(): void } {
    const prefix = `tasklog_${part.replaceAll("-", "_")}_`;
    const names: string[] = [];
    const add = (name: string, series: Series): void => {
      const full = prefix + name;
      if (!/^[a-z][a-z0-9_]*$/.test(name))
        throw new TasklogError("invalid", `${full} is no name of a metric`);
      if (this.#series.has(full))
        throw new TasklogError("already_exists", `the metric ${full} exists already`);
      this.#series.set(full, series);
      names.push(full);
    };
    return {
      counter(name, help) {
        let total = 0;
        add(name, { type: "counter", help, read: () => total });
        return {
          add(amount = 1) {
            total += amount;
          },
        };
      },
      gauge(name, help, read) {
        add(name, { type: "gauge", help, read });
      },
      remove: () => {
        for (const name of names) this.#series.delete(name);
      },
    };
  }

  /** A metric whose reading throws, or gives no number, is left out: it is its owner's fault, not the others'. */
  toText(): string {
    const lines: string[] = [];
    for (const [name, series] of this.#series) {
      try {
        const value: unknown = series.read();
        if (typeof value !== "number") continue;
        lines.push(
          `# HELP ${name} ${series.help.replaceAll("\n", " ")}`,
          `# TYPE ${name} ${series.type}`,
          `${name} ${value}`,
        );
      } catch {}
    }
    return `${lines.join("\n")}\n`;
  }
}
