/** Count one operation of `key`. @returns the time to wait in milliseconds, or 0 when the operation may run. */
export type RateCounter = (key: string) => Promise<number>;

/**
 * Create a counter that allows `points` operations in each window of `seconds`. The `name` keeps counters of
 * one store apart.
 */
export type RateStore = (name: string, points: number, seconds: number) => RateCounter;
