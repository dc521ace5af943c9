import { z } from "zod";
import type { Random } from "../support/random.ts";
import { createRequests, type Requests } from "./request.ts";
import { countEvent, type LoadedCvms, type Received } from "./types.ts";
import { createWriteClient } from "./write-client.ts";

const READS = [
  "query ($id: ID!) { cvm(id: $id) { id name status resources { vcpu } } }",
  "query ($id: ID!) { cvm(id: $id) { id name compose { hash } operations(first: 3) { nodes { id } } } }",
  "query ($id: ID!) { cvm(id: $id) { id name state { status } userConfig { hostname } } cvms(first: 5) { totalCount } }",
] as const;
const SUBSCRIPTION = "subscription ($id: ID!) { cvmState(id: $id) { status bootProgress } }";

function createReadClient(requests: Requests, received: Received, cvms: LoadedCvms, random: Random) {
  return async (client: number): Promise<void> => {
    const cvm = random.pick(cvms);
    const startedAt = performance.now();
    countEvent(received, "read requests");
    try {
      const operation = { client, key: cvm.key, query: random.pick(READS), variables: { id: cvm.id } };
      const { data } = await requests.ask(operation);
      const seen = z.object({ id: z.string(), name: z.string() }).nullish().parse(data?.["cvm"]);
      if (seen && (seen.id !== cvm.id || seen.name !== cvm.name))
        received.problems.push("Another CVM was answered.");
    } catch (error) {
      received.unansweredReads.push({ startedAt, reason: String(error) });
    }
  };
}

function createSubscriber(requests: Requests, received: Received, cvms: LoadedCvms, random: Random) {
  return async (client: number): Promise<void> => {
    const cvm = random.pick(cvms);
    countEvent(received, "subscriptions");
    const signal = AbortSignal.timeout(200 + random.below(2_000));
    try {
      const operation = { client, key: cvm.key, query: SUBSCRIPTION, variables: { id: cvm.id } };
      const { body } = await requests.open(operation, "text/event-stream", signal);
      for await (const chunk of body) {
        const text = String(chunk);
        if (text.includes("INTERNAL_SERVER_ERROR")) received.problems.push(text);
        if (text.includes("event: next")) countEvent(received, "subscription events");
      }
    } catch {
      // The client left, or the gateway ended.
    }
  };
}

/** Create the clients of some gateways. They record what they receive. */
export function createClients(urls: readonly [string, ...string[]], cvms: LoadedCvms, random: Random) {
  const received: Received = { writes: [], counts: {}, problems: [], unansweredReads: [] };
  const requests = createRequests(urls, received);
  const subscribe = createSubscriber(requests, received, cvms, random);
  const write = createWriteClient(requests, received, cvms, random);
  const read = createReadClient(requests, received, cvms, random);
  return {
    received,
    /** Run one client, one request after another, while `isRunning` returns true. */
    async run(client: number, isRunning: () => boolean): Promise<void> {
      while (isRunning()) {
        if (client % 5 === 0) await subscribe(client);
        else if (random.chance(0.4)) await write(client);
        else await read(client);
      }
    },
    close: requests.close,
  };
}
