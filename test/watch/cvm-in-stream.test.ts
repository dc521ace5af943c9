import { describe, expect, it } from "vitest";
import { KEY, openStream, startStreamingGateway } from "../support/streaming-gateway.ts";

const CVM = "cvm { id status inProgress progress { target } state { status } resources { vcpu } }";
const STATE = `subscription { cvmState(id: "web-phala") { status ${CVM} } }`;
const OPERATION = `subscription ($correlationId: ID!) {
  operation(cvmId: "web-phala", correlationId: $correlationId) { status percent ${CVM} }
}`;

type Stream = Awaited<ReturnType<typeof openStream>>;

/** Read a stream until the CVM is idle again. */
async function readToEnd(stream: Stream, field: "cvmState" | "operation") {
  const received = [];
  for (let result = await stream.next(); result !== null; result = await stream.next()) {
    const { [field]: value } = result.data;
    received.push(value);
    if (field === "cvmState" && received.length > 1 && value.status === "RUNNING") break;
  }
  return received;
}

describe("the CVM in a subscription", () => {
  /** Follow an update with as many subscribers of each kind, and return what the first of each received. */
  async function follow(subscribers: number) {
    await using gateway = await startStreamingGateway();
    const open = (query: string, variables = {}) =>
      Promise.all(Array.from({ length: subscribers }, () => openStream(gateway.app, query, variables)));
    const states = await open(STATE);
    await Promise.all(states.map((stream) => stream.next()));
    const correlationId = await gateway.update("web-phala", KEY);
    const operations = await open(OPERATION, { correlationId });
    const reading = Promise.all([
      ...states.map((stream) => readToEnd(stream, "cvmState")),
      ...operations.map((stream) => readToEnd(stream, "operation")),
    ]);
    for (let ms = 0; ms < 10_500; ms += 1_500) await gateway.advance(1_500);
    const received = await reading;
    await Promise.all(states.map((stream) => stream.leave()));
    const reads = gateway.proxy.calls.filter((call) => /^GET \/cvms\/[\w-]+$/.test(call));
    return { state: received[0] ?? [], operation: received[subscribers] ?? [], reads };
  }

  it("has the live status, and the new configuration after the end", async () => {
    const { state, operation } = await follow(1);
    for (const { status, cvm } of state) {
      expect(cvm).toMatchObject({ status, state: { status }, inProgress: status !== "RUNNING" });
    }
    expect(state[0].cvm).toMatchObject({ status: "SHUTTING_DOWN", progress: { target: "running" } });
    expect(state.at(-1).cvm).toMatchObject({ status: "RUNNING", progress: null, resources: { vcpu: 8 } });
    expect(operation.at(-1)).toMatchObject({
      status: "COMPLETED",
      cvm: { status: "RUNNING", inProgress: false, resources: { vcpu: 8 } },
    });
  });

  it("is read for all subscribers together, when an operation starts and when it has ended", async () => {
    // Two streams and the update resolve the name. Then come the start and the end, in the state and the history.
    const { reads } = await follow(25);
    expect(reads.length).toBeLessThanOrEqual(8);
  });
});

describe("the CVM of a live state in a query", () => {
  it("is the CVM that the state was read from, without another call", async () => {
    await using gateway = await startStreamingGateway();
    const response = await gateway.app.fetch("http://gateway.test/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": KEY },
      body: JSON.stringify({ query: '{ cvm(id: "web-phala") { id state { cvm { id name } } } }' }),
    });
    const { data } = await response.json();
    expect(data.cvm.state.cvm).toEqual({ id: data.cvm.id, name: "web-phala" });
    expect(gateway.proxy.calls).toEqual(["GET /cvms/web-phala", "POST /status/batch"]);
  });
});
