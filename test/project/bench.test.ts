import { describe, expect, it } from "vitest";
import { expectData } from "../../bench/queries/expected.ts";
import { QUERY_NAMES, queries } from "../../bench/queries/queries.ts";
import { createUpstream } from "../../bench/upstream/create-upstream.ts";
import { cvmIdOf } from "../../bench/upstream/render.ts";
import { ask, createGateway } from "../support/gateway.ts";
import { listen } from "../support/upstream/listen.ts";

describe("the benchmark", () => {
  it.each(QUERY_NAMES)("compares the gateway's answer to %s with the REST API's data", async (name) => {
    await using upstream = await listen(createUpstream());
    const { app, close } = createGateway(`${upstream.url}/api/v1`);
    const { document, variables } = queries[name];
    for (const tick of [3, 4]) {
      const state = JSON.stringify({ delayMs: 0, tick });
      await fetch(`${upstream.url}/bench/control`, { method: "POST", body: state });
      const cvmId = cvmIdOf(tick);
      const { data, errors } = await ask(app, document, variables(cvmId));
      expect({ data, errors }).toEqual({ data: expectData(name, cvmId, tick), errors: undefined });
      expect(data).not.toEqual(expectData(name, cvmId, tick + 1));
    }
    await close();
  });
});
