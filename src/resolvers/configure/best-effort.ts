import { hasCode, optionalReadMayFailWith } from "../../errors.ts";

/**
 * Await a read of a check that only makes an error clearer, because the REST API checks the same. If the read
 * fails, the write is sent all the same and the REST API decides. A check that keeps something from being lost
 * must not use this.
 *
 * @returns null if the read failed
 */
export async function bestEffort<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (hasCode(error, optionalReadMayFailWith)) return null;
    throw error;
  }
}
