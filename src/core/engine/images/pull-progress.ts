// One figure out of the many that the engine reports while it pulls: bytes fetched over all layers.
import type { Progress } from "../../log/log-item.ts";

/** One line of the engine's pull stream. */
export interface PullEvent {
  status?: string;
  id?: string;
  progressDetail?: { current?: number; total?: number };
  error?: string;
}

interface Layer {
  current: number;
  total: number;
  fetched: boolean;
}

export class PullProgress {
  readonly #image: string;
  readonly #layers = new Map<string, Layer>();

  constructor(image: string) {
    this.#image = image;
  }

  add(event: PullEvent): void {
    const { id, status = "", progressDetail } = event;
    if (id === undefined || status.startsWith("Pulling from")) return;
    const layer = this.#layers.get(id) ?? { current: 0, total: 0, fetched: false };
    this.#layers.set(id, layer);
    if (status === "Downloading") {
      layer.current = progressDetail?.current ?? layer.current;
      layer.total = progressDetail?.total ?? layer.total;
    } else if (status !== "Pulling fs layer" && status !== "Waiting") {
      // The steps after a download (checksum, extraction) have byte figures of its own, of something else.
      layer.fetched = true;
      layer.current = layer.total;
    }
  }

  get progress(): Progress {
    const layers = [...this.#layers.values()];
    const known = layers.every((layer) => layer.fetched || layer.total > 0);
    const unpacking = layers.length > 0 && layers.every((layer) => layer.fetched);
    return {
      what: this.#image,
      currentBytes: layers.reduce((sum, layer) => sum + layer.current, 0),
      totalBytes: known ? layers.reduce((sum, layer) => sum + layer.total, 0) : 0,
      message: `${unpacking ? "unpacking" : "pulling"} ${this.#image}`,
    };
  }
}
