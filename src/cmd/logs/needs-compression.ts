// Bytes that stay on one host are not worth compressing.
import { hostId } from "../../core/base/host-id.ts";
import type { MasterClient } from "../../core/rpc/master-client.ts";

/** True if the master is on another host. */
export async function needsCompression(client: MasterClient): Promise<boolean> {
  const { hostId: other } = await client.getInfo();
  return other !== hostId();
}
