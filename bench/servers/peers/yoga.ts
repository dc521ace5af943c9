import { createServer } from "node:http";
import SchemaBuilder from "@pothos/core";
import DataLoader from "dataloader";
import { createYoga, type YogaInitialContext } from "graphql-yoga";
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
import { type PeerCvm, toCvm, toNetwork, toStats } from "./to-cvm.ts";

/* Plain Yoga with a Pothos schema. REST calls with fetch, and a DataLoader for the live states. */

const BASE_URL = process.env["UPSTREAM_URL"] ?? "";

type Rest = <Answer>(path: string, init?: { method: string; body: unknown }) => Promise<Answer>;
type Context = {
  readonly rest: Rest;
  readonly states: DataLoader<string, ReturnType<typeof shapeState> | null>;
};

function createContext({ request }: YogaInitialContext): Context {
  const apiKey = request.headers.get("x-api-key") ?? "";
  const rest: Rest = async (path, init) => {
    const response = await fetch(`${BASE_URL}${path}`, {
      method: init?.method ?? "GET",
      headers: { "x-api-key": apiKey, "content-type": "application/json" },
      ...(init === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    if (!response.ok) throw new Error(`The REST API answered ${response.status}.`);
    return response.json();
  };
  const states = new DataLoader(async (ids: readonly string[]) => {
    const batch = await rest<StatusBatchWire>("/status/batch", { method: "POST", body: { vm_uuids: ids } });
    return ids.map((id) => (batch[id] ? shapeState(batch[id]) : null));
  });
  return { rest, states };
}

const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: { SafeInt: { Input: number; Output: number } };
}>({ defaultFieldNullability: false });

builder.scalarType("SafeInt", { serialize: (value) => value });

const Resources = builder.objectRef<PeerCvm["resources"]>("CvmResources").implement({
  fields: (t) => ({
    vcpu: t.exposeInt("vcpu"),
    memoryMb: t.exposeInt("memoryMb"),
    diskSizeGb: t.exposeInt("diskSizeGb"),
  }),
});
const State = builder.objectRef<ReturnType<typeof shapeState>>("CvmState").implement({
  fields: (t) => ({
    status: t.exposeString("status"),
    uptime: t.exposeString("uptime"),
    bootProgress: t.exposeString("bootProgress"),
  }),
});
const Compose = builder.objectRef<ComposeWire>("Compose").implement({
  fields: (t) => ({
    runner: t.exposeString("runner"),
    allowedEnvs: t.stringList({ resolve: (compose) => [...compose.allowed_envs] }),
  }),
});
const Endpoint = builder.objectRef<NetworkWire["public_urls"][number]>("CvmEndpoint").implement({
  fields: (t) => ({ app: t.exposeString("app"), instance: t.exposeString("instance") }),
});
const Network = builder.objectRef<ReturnType<typeof toNetwork>>("CvmNetwork").implement({
  fields: (t) => ({
    isOnline: t.exposeBoolean("isOnline"),
    internalIp: t.exposeString("internalIp"),
    publicUrls: t.field({ type: [Endpoint], resolve: (network) => [...network.publicUrls] }),
  }),
});
const SystemInfo = builder.objectRef<ReturnType<typeof toStats>["sysinfo"]>("SystemInfo").implement({
  fields: (t) => ({
    osVersion: t.exposeString("osVersion"),
    totalMemoryBytes: t.expose("totalMemoryBytes", { type: "SafeInt" }),
    usedMemoryBytes: t.expose("usedMemoryBytes", { type: "SafeInt" }),
    uptimeSeconds: t.expose("uptimeSeconds", { type: "SafeInt" }),
  }),
});
const Stats = builder.objectRef<ReturnType<typeof toStats>>("CvmStats").implement({
  fields: (t) => ({
    isOnline: t.exposeBoolean("isOnline"),
    sysinfo: t.expose("sysinfo", { type: SystemInfo }),
  }),
});

const Cvm = builder.objectRef<PeerCvm>("Cvm").implement({
  fields: (t) => ({
    id: t.exposeID("id"),
    name: t.exposeString("name"),
    status: t.exposeString("status"),
    rawStatus: t.exposeString("rawStatus"),
    appId: t.exposeString("appId"),
    vmUuid: t.exposeString("vmUuid"),
    instanceId: t.exposeString("instanceId"),
    inProgress: t.exposeBoolean("inProgress"),
    createdAt: t.exposeString("createdAt"),
    resources: t.expose("resources", { type: Resources }),
    state: t.field({
      type: State,
      nullable: true,
      resolve: (cvm, _args, { states }) => states.load(cvm.vmUuid),
    }),
    compose: t.field({
      type: Compose,
      resolve: (cvm, _args, { rest }) => rest<ComposeWire>(`/cvms/${cvm.id}/compose_file`),
    }),
    network: t.field({
      type: Network,
      resolve: async (cvm, _args, { rest }) => toNetwork(await rest<NetworkWire>(`/cvms/${cvm.id}/network`)),
    }),
    stats: t.field({
      type: Stats,
      resolve: async (cvm, _args, { rest }) => toStats(await rest<StatsWire>(`/cvms/${cvm.id}/stats`)),
    }),
  }),
});
const Page = builder.objectRef<{ totalCount: number; nodes: PeerCvm[] }>("CvmConnection").implement({
  fields: (t) => ({
    totalCount: t.exposeInt("totalCount"),
    nodes: t.expose("nodes", { type: [Cvm] }),
  }),
});
const InProgress = builder.objectRef<ChangeWire>("InProgress").implement({
  fields: (t) => ({
    status: t.string({ resolve: (change) => change.status.toUpperCase() }),
    correlationId: t.exposeID("correlation_id"),
    message: t.exposeString("message"),
  }),
});
const Input = builder.inputType("ConfigureCvmInput", {
  fields: (t) => ({
    id: t.id({ required: true }),
    vcpu: t.int({ required: true }),
    memoryMb: t.int({ required: true }),
  }),
});

builder.queryType({
  fields: (t) => ({
    cvm: t.field({
      type: Cvm,
      args: { id: t.arg.id({ required: true }) },
      resolve: async (_root, { id }, { rest }) => toCvm(await rest<CvmWire>(`/cvms/${id}`)),
    }),
    cvms: t.field({
      type: Page,
      args: { first: t.arg.int({ required: true }) },
      resolve: async (_root, { first }, { rest }) => {
        const page = await rest<CvmPageWire>(`/cvms/paginated?page=1&page_size=${first}`);
        return { totalCount: page.total, nodes: page.items.map(toCvm) };
      },
    }),
  }),
});
builder.mutationType({
  fields: (t) => ({
    configureCvm: t.field({
      type: InProgress,
      args: { input: t.arg({ type: Input, required: true }) },
      resolve: (_root, { input }, { rest }) =>
        rest<ChangeWire>(`/cvms/${input.id}`, {
          method: "PATCH",
          body: { vcpu: input.vcpu, memory: input.memoryMb },
        }),
    }),
  }),
});

const yoga = createYoga({ schema: builder.toSchema(), context: createContext, graphiql: false });
createServer(yoga).listen(Number(process.env["PORT"]), "127.0.0.1");
