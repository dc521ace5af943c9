/** Return a function whose code is loaded when it is called for the first time. */
export function loadLater<Args extends readonly unknown[]>(
  load: () => Promise<(...args: Args) => void | Promise<void>>,
): (...args: Args) => Promise<void> {
  let loading: ReturnType<typeof load> | undefined;
  return async (...args) => {
    loading ??= load();
    const run = await loading;
    await run(...args);
  };
}
