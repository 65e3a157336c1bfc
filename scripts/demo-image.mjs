// Finds something the demonstration can run in: an image with a shell that is there, else a pulled one, else one
// imported from this host's static busybox. Plain Node and no packages.
import { ask, importBusybox } from "./engine.mjs";

const withShell =
  /^(?:docker\.io\/)?(?:library\/|[\w-]+\/)?(?:busybox|alpine|debian|ubuntu|bash|fedora|node|python)(?::|$)/;
const pullImage = "busybox:latest";
const ownImage = "tasklog-demo/busybox:latest";
const pullMs = 45_000;

/** The name of an image on the engine at `host`, or undefined when none can be had. */
export async function demoImage(host, say) {
  const listed = JSON.parse((await ask(host, "GET", "/images/json")).text);
  const tags = listed.sort((a, b) => a.Size - b.Size).flatMap((image) => image.RepoTags ?? []);
  const there = tags.find((tag) => withShell.test(tag));
  if (there !== undefined) return there;
  say(`no image with a shell is there, pulling ${pullImage} …`);
  if (await pulled(host)) return pullImage;
  say("it cannot be pulled, making one from this host's busybox …");
  return await importBusybox(host, ownImage).then(
    () => ownImage,
    () => undefined,
  );
}

async function pulled(host) {
  const [repository, tag] = pullImage.split(":");
  try {
    await ask(host, "POST", `/images/create?fromImage=${repository}&tag=${tag}`, undefined, pullMs);
    return (await ask(host, "GET", `/images/${pullImage}/json`)).status === 200;
  } catch {
    return false;
  }
}
