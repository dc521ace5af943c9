import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { errorCatalog } from "../../src/error-catalog.ts";
import { schema } from "../../src/schema/schema.ts";
import { protocolErrorCatalog } from "../../src/server/errors/protocol-error-catalog.ts";
import { ask, createGateway } from "../support/gateway.ts";
import { pickByTier } from "../support/tier.ts";
import { arbitraryBrokenOperation, arbitraryOperation, type Operation } from "./documents.ts";

const RUNS = { numRuns: pickByTier(300, 3_000), seed: 20_261 };
const TIMEOUT_MS = pickByTier(60_000, 600_000);

/** Text that appears only in a message that was not masked. */
const UNMASKED =
  /(?<!Syntax )Error:|TypeError|Cannot read|is not a function|undefined|\[object|node_modules|ECONN|\.ts\b|Unexpected error/;

const codes = new Set([...Object.keys(errorCatalog), ...Object.keys(protocolErrorCatalog)]);

describe("random operations of the schema", () => {
  const rejections: unknown[] = [];
  const keep = (reason: unknown) => void rejections.push(reason);
  beforeAll(() => void process.on("unhandledRejection", keep));
  afterAll(() => void process.off("unhandledRejection", keep));

  it.each([
    { kind: "well formed", operations: arbitraryOperation(schema), mostRefused: 0.8 },
    { kind: "broken", operations: arbitraryBrokenOperation(schema), mostRefused: 1 },
  ])("are answered or refused in the open when $kind", { timeout: TIMEOUT_MS }, async (kind) => {
    await using sandbox = await startSandbox({ timeScale: 10_000 });
    const logs: string[] = [];
    const { app, close } = createGateway(sandbox.url, { environment: { MAX_UPSTREAM_CALLS: "10000" }, logs });
    let refused = 0;
    const check = async ({ query, variables }: Operation): Promise<void> => {
      const { status, data, errors = [] } = await ask(app, query, variables);
      if (data === undefined || data === null) refused += 1;
      expect(status).toBeLessThan(500);
      for (const { message, extensions } of errors) {
        expect(codes).toContain(extensions.code);
        expect(extensions.code).not.toBe("INTERNAL_SERVER_ERROR");
        expect(message).not.toMatch(UNMASKED);
      }
    };
    try {
      await fc.assert(fc.asyncProperty(kind.operations, check), RUNS);
    } finally {
      await close();
    }
    expect(refused / RUNS.numRuns).toBeLessThanOrEqual(kind.mostRefused);
    expect(logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
    expect(rejections).toEqual([]);
  });
});
