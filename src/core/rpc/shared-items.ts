// Items of a log for many viewers at once: lines become one message, and one encoding of it, for all who get the same.
import type { LogItem } from "../log/log-item.ts";
import { SharedByBatch } from "../log/shared-by-batch.ts";
import type { LogItem as WireItem } from "./gen/tasklog/v1/log.ts";
import { MasterService } from "./gen/tasklog/v1/master.ts";
import { toWire } from "./log-item-codec.ts";

const zstdEncoding = "zstd";
const messages = new SharedByBatch((batch, variant) =>
  toWire({ kind: "batch", batch }, variant === zstdEncoding),
);
const encodings = new WeakMap<WireItem, Buffer>();

/** Does what `toWire` does, and returns the same message for the same lines. */
export function toSharedWire(item: LogItem, compress: boolean): WireItem {
  return item.kind === "batch"
    ? messages.of(item.batch, compress ? zstdEncoding : "")
    : toWire(item, compress);
}

/** The master's service with a stream that encodes a message once. */
export const SharingMasterService = {
  ...MasterService,
  streamTaskLogs: {
    ...MasterService.streamTaskLogs,
    responseSerialize(message: WireItem): Buffer {
      const encoding = encodings.get(message) ?? MasterService.streamTaskLogs.responseSerialize(message);
      encodings.set(message, encoding);
      return encoding;
    },
  },
};
