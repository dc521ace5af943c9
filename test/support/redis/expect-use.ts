import { expect } from "vitest";
import { createGateway, startGateway } from "../gateway.ts";
import { CONFIGURE, listWrites } from "../mutations.ts";

/** The input of a write that needs Redis. */
export const KEYED_WRITE = { id: "web-phala", vcpu: 4, idempotencyKey: "key-1" };

/** Start a gateway, and wait until its log has a text. */
export async function startAndRead(environment: Readonly<Record<string, string>>, text: string) {
  const logs: string[] = [];
  const gateway = await startGateway({ environment, logs });
  await expect.poll(() => logs.join(""), { timeout: 10_000 }).toContain(text);
  return { ...gateway, logs };
}

/** Expect that a gateway shares a keyed write through Redis. */
export async function expectUse(environment: Readonly<Record<string, string>>): Promise<void> {
  await using gateway = await startAndRead(environment, "Redis can be used");
  const first = await gateway.ask(CONFIGURE, { input: KEYED_WRITE });
  expect(first.errors).toBeUndefined();
  const other = createGateway(gateway.sandbox.url, { environment });
  const response = await other.app.fetch("http://gateway.test/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "sandbox-test" },
    body: JSON.stringify({ query: CONFIGURE, variables: { input: KEYED_WRITE } }),
  });
  expect(await response.json()).toEqual({ data: first.data });
  expect(listWrites(await gateway.calls())).toHaveLength(1);
  await other.close();
  expect(gateway.logs.join("")).not.toContain("Redis (REDIS_URL)");
}
