// The names of a container's runs: as the people who started it call it. Compose and swarm make up names for
// containers (`shop-web-1`, `web.1.x3k…`); what they mean by them stands in labels.
import { isOneOff } from "../../engine/containers/compose-labels.ts";

/**
 * `project/service` for compose, with the number of all but the first of a service (`shop/web-2`); the service for
 * swarm, with the slot of all but the first (`web.2`); else the container's own name.
 */
export function containerTitle(container: string, labels: Readonly<Record<string, string>>): string {
  return composeTitle(labels) ?? swarmTitle(labels) ?? container;
}

function composeTitle(labels: Readonly<Record<string, string>>): string | undefined {
  const project = labels["com.docker.compose.project"];
  const service = labels["com.docker.compose.service"];
  if (!project || !service) return undefined;
  // Those of `compose run` are all number 1, beside the one that is meant by the service's name.
  if (isOneOff(labels)) return undefined;
  const number = labels["com.docker.compose.container-number"] ?? "1";
  return `${project}/${service}${number === "1" ? "" : `-${number}`}`;
}

function swarmTitle(labels: Readonly<Record<string, string>>): string | undefined {
  const service = labels["com.docker.swarm.service.name"];
  if (!service) return undefined;
  // `web.2.<task>`; of a global service the node stands where the slot does.
  const rest = (labels["com.docker.swarm.task.name"] ?? "").slice(service.length + 1);
  const [slot = "1"] = rest.split(".");
  return /^\d+$/.test(slot) && slot !== "1" ? `${service}.${slot}` : service;
}
