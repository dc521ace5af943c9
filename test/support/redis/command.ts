import { Redis } from "ioredis";

/** Execute one command on a Redis. */
export async function command(
  url: string,
  name: string,
  ...values: readonly (string | number)[]
): Promise<unknown> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => undefined);
  try {
    return await client.call(name, ...values);
  } finally {
    client.disconnect();
  }
}
