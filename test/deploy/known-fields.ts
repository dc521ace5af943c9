/** Something that checks a manifest by reading it. */
type Check = (manifest: object) => unknown;

/**
 * List the fields that a check never reads. The published schemas of Kubernetes accept unknown fields, but the code
 * that is compiled from them reads each field that they know. A field that it does not read is misspelt.
 */
export function listUnreadFields(manifest: object, check: Check): string[] {
  const unread = new Map<string, boolean>();
  function watch(value: object, path: string): object {
    for (const key of Object.keys(value)) unread.set(`${path}/${key}`, true);
    return new Proxy(value, {
      get(target, key, receiver) {
        const found: unknown = Reflect.get(target, key, receiver);
        if (typeof key === "symbol") return found;
        unread.delete(`${path}/${key}`);
        return typeof found === "object" && found !== null ? watched(found, `${path}/${key}`) : found;
      },
    });
  }
  const known = new Map<object, object>();
  function watched(value: object, path: string): object {
    const proxy = known.get(value) ?? watch(value, path);
    known.set(value, proxy);
    return proxy;
  }
  check(watched(manifest, ""));
  return [...unread.keys()];
}
