import { fastify } from "fastify";
import { mercurius } from "mercurius";
import { request } from "undici";
import { shapeState } from "../../queries/shape.ts";
import type { CvmPageWire, StatusBatchWire } from "../../queries/wire.ts";
import {
  type PeerCvm,
  type PeerInput,
  toCompose,
  toCvm,
  toInProgress,
  toNetwork,
  toStats,
} from "./to-cvm.ts";
import { typeDefs } from "./type-defs.ts";

/* Mercurius with its JIT and its loaders, and REST calls with undici. */

const BASE_URL = process.env["UPSTREAM_URL"] ?? "";

function createRest(apiKey: string) {
  const send = async (method: "GET" | "PATCH" | "POST", path: string, body?: unknown) => {
    const answer = await request(`${BASE_URL}${path}`, {
      method,
      headers: { "x-api-key": apiKey, "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (answer.statusCode >= 300) throw new Error(`The REST API answered ${answer.statusCode}.`);
    // biome-ignore lint/suspicious/noExplicitAny: the peers validate nothing
    const json: any = await answer.body.json();
    return json;
  };
  return { get: (path: string) => send("GET", path), send };
}

type Context = { readonly rest: ReturnType<typeof createRest> };

declare module "mercurius" {
  interface MercuriusContext extends Context {}
}

const resolvers = {
  Query: {
    cvm: async (_root: unknown, { id }: { id: string }, { rest }: Context) =>
      toCvm(await rest.get(`/cvms/${id}`)),
    cvms: async (_root: unknown, { first }: { first: number }, { rest }: Context) => {
      const page: CvmPageWire = await rest.get(`/cvms/paginated?page=1&page_size=${first}`);
      return { totalCount: page.total, nodes: page.items.map(toCvm) };
    },
  },
  Mutation: {
    configureCvm: async (_root: unknown, { input }: { input: PeerInput }, { rest }: Context) => {
      const body = { vcpu: input.vcpu, memory: input.memoryMb };
      return toInProgress(await rest.send("PATCH", `/cvms/${input.id}`, body));
    },
  },
  Cvm: {
    compose: async (cvm: PeerCvm, _args: unknown, { rest }: Context) =>
      toCompose(await rest.get(`/cvms/${cvm.id}/compose_file`)),
    network: async (cvm: PeerCvm, _args: unknown, { rest }: Context) =>
      toNetwork(await rest.get(`/cvms/${cvm.id}/network`)),
    stats: async (cvm: PeerCvm, _args: unknown, { rest }: Context) =>
      toStats(await rest.get(`/cvms/${cvm.id}/stats`)),
  },
};

const loaders = {
  Cvm: {
    state: async (queries: readonly { obj: PeerCvm }[], { rest }: Context) => {
      const body = { vm_uuids: queries.map(({ obj }) => obj.vmUuid) };
      const batch: StatusBatchWire = await rest.send("POST", "/status/batch", body);
      return queries.map(({ obj }) => {
        const state = batch[obj.vmUuid];
        return state === undefined ? null : shapeState(state);
      });
    },
  },
};

const app = fastify();
await app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  loaders,
  jit: 1,
  context: ({ headers }) => ({ rest: createRest(String(headers["x-api-key"])) }),
});
await app.listen({ port: Number(process.env["PORT"]), host: "127.0.0.1" });
