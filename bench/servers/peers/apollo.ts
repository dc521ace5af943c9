import { type AugmentedRequest, RESTDataSource } from "@apollo/datasource-rest";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import DataLoader from "dataloader";
import { shapeState } from "../../queries/shape.ts";
import type {
  ChangeWire,
  ComposeWire,
  CvmPageWire,
  CvmWire,
  NetworkWire,
  StatsWire,
  StatusBatchWire,
} from "../../queries/wire.ts";
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

/* Apollo Server with a RESTDataSource, and a DataLoader for the live states, as its documentation shows. */

class CvmApi extends RESTDataSource {
  override baseURL = `${process.env["UPSTREAM_URL"]}/`;
  readonly #apiKey: string;
  readonly states = new DataLoader(async (ids: readonly string[]) => {
    const batch = await this.post<StatusBatchWire>("status/batch", { body: { vm_uuids: ids } });
    return ids.map((id) => (batch[id] ? shapeState(batch[id]) : null));
  });

  constructor(apiKey: string) {
    super();
    this.#apiKey = apiKey;
  }

  override willSendRequest(_path: string, request: AugmentedRequest) {
    request.headers["x-api-key"] = this.#apiKey;
  }

  fetchCvm = async (id: string) => toCvm(await this.get<CvmWire>(`cvms/${id}`));
  fetchPage = (size: number) =>
    this.get<CvmPageWire>("cvms/paginated", { params: { page: "1", page_size: String(size) } });
  fetchCompose = async (id: string) => toCompose(await this.get<ComposeWire>(`cvms/${id}/compose_file`));
  fetchNetwork = async (id: string) => toNetwork(await this.get<NetworkWire>(`cvms/${id}/network`));
  fetchStats = async (id: string) => toStats(await this.get<StatsWire>(`cvms/${id}/stats`));
  configure = async ({ id, vcpu, memoryMb }: PeerInput) =>
    toInProgress(await this.patch<ChangeWire>(`cvms/${id}`, { body: { vcpu, memory: memoryMb } }));
}

type Context = { readonly api: CvmApi };

const resolvers = {
  Query: {
    cvm: (_root: unknown, { id }: { id: string }, { api }: Context) => api.fetchCvm(id),
    cvms: async (_root: unknown, { first }: { first: number }, { api }: Context) => {
      const { items, total } = await api.fetchPage(first);
      return { totalCount: total, nodes: items.map(toCvm) };
    },
  },
  Mutation: {
    configureCvm: (_root: unknown, { input }: { input: PeerInput }, { api }: Context) => api.configure(input),
  },
  Cvm: {
    state: (cvm: PeerCvm, _args: unknown, { api }: Context) => api.states.load(cvm.vmUuid),
    compose: (cvm: PeerCvm, _args: unknown, { api }: Context) => api.fetchCompose(cvm.id),
    network: (cvm: PeerCvm, _args: unknown, { api }: Context) => api.fetchNetwork(cvm.id),
    stats: (cvm: PeerCvm, _args: unknown, { api }: Context) => api.fetchStats(cvm.id),
  },
};

await startStandaloneServer(new ApolloServer<Context>({ typeDefs, resolvers }), {
  context: async ({ req }) => ({ api: new CvmApi(String(req.headers["x-api-key"])) }),
  listen: { port: Number(process.env["PORT"]), host: "127.0.0.1" },
});
