// The labels by which Compose describes its containers.
export const composeProjectLabel = "com.docker.compose.project";
export const composeServiceLabel = "com.docker.compose.service";
const composeOneOffLabel = "com.docker.compose.oneoff";

/** True for a container of `compose run`: it carries the service's name, and is not part of the service. */
export function isOneOff(labels: Readonly<Record<string, string>>): boolean {
  return /^true$/i.test(labels[composeOneOffLabel] ?? "");
}
