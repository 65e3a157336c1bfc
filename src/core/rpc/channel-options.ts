// The options that every grpc-js end of tasklog is made with, and the only place that silences grpc-js: whoever
// makes a client or a server imports this file.
import { type ChannelOptions, logVerbosity, type ServerOptions, setLogVerbosity } from "@grpc/grpc-js";
import {
  callsPerConnectionMax,
  flowControlWindowBytes,
  keepaliveMs,
  keepaliveTimeoutMs,
  messageBytesMax,
  reconnectMaxMs,
  reconnectMinMs,
  requestBytesMax,
} from "../base/limits.ts";

// grpc-js writes to stderr, which belongs to the person in front of it.
setLogVerbosity(logVerbosity.NONE);

export const clientOptions = {
  // Without this, http_proxy in the environment takes over even calls to loopback.
  "grpc.enable_http_proxy": 0,
  // Clients share nothing: closing one closes its connection at once and not at the pool's next sweep.
  "grpc.use_local_subchannel_pool": 1,
  "grpc.enable_channelz": 0,
  "grpc.enable_retries": 0,
  "grpc.service_config_disable_resolution": 1,
  "grpc-node.flow_control_window": flowControlWindowBytes,
  "grpc.max_receive_message_length": messageBytesMax,
  "grpc.max_send_message_length": messageBytesMax,
  // A peer that was stopped keeps its sockets open; only an unanswered ping finds it.
  "grpc.keepalive_time_ms": keepaliveMs,
  "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.initial_reconnect_backoff_ms": reconnectMinMs,
  "grpc.min_reconnect_backoff_ms": reconnectMinMs,
  "grpc.max_reconnect_backoff_ms": reconnectMaxMs,
} satisfies ChannelOptions;

export const serverOptions = {
  "grpc.enable_channelz": 0,
  "grpc.max_concurrent_streams": callsPerConnectionMax,
  "grpc.max_receive_message_length": requestBytesMax,
  "grpc.max_send_message_length": messageBytesMax,
  "grpc.keepalive_time_ms": keepaliveMs,
  "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
} satisfies ServerOptions;
