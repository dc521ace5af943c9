/** The last write to each CVM that this process sends, settled or not. */
const tails = new Map<string, Promise<unknown>>();

/** Run the writes to one CVM one after another in this process. */
export async function lockCvm<T>(name: string, run: () => Promise<T>): Promise<T> {
  const previous = tails.get(name) ?? Promise.resolve();
  const current = previous.then(run, run);
  const tail = current.catch(() => undefined);
  tails.set(name, tail);
  try {
    return await current;
  } finally {
    if (tails.get(name) === tail) tails.delete(name);
  }
}
