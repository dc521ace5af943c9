import { expect } from "vitest";
import type { startGateway } from "../support/gateway.ts";
import { listWrites, PLAN } from "../support/mutations.ts";

export const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";

/** A value that no answer may contain. */
export const SECRET = "pl4n-canary-v4lue";

type Gateway = Awaited<ReturnType<typeof startGateway>>;

/** Return the plan of a change with the REST paths that it read. Fails if the plan sends a write. */
export async function plan(gateway: Gateway, input: object) {
  const { data, errors } = await gateway.ask(PLAN, { input });
  expect(errors).toBeUndefined();
  const calls = await gateway.calls();
  expect(listWrites(calls).filter((call) => !call.endsWith("/is-allowed"))).toEqual([]);
  return { ...data.planCvmConfiguration, paths: calls.map(({ path }) => path) };
}

/** Read the present compose hash of a CVM. */
export async function readHash(gateway: Gateway, id: string): Promise<string> {
  const { data } = await gateway.ask("query ($id: ID!) { cvm(id: $id) { compose { hash } } }", { id });
  await gateway.calls();
  return data.cvm.compose.hash;
}

/** A sealed environment of the shortest valid length. Its content is not valid. */
export const sealed = { encryptedEnv: "ab".repeat(60) };
/** The keys of the environment that the CVMs of the sandbox have. */
export const BOTH = ["DATABASE_URL", "API_TOKEN"];
export const plainBoth = BOTH.map((key) => ({ key, value: SECRET }));
