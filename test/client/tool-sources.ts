/** Files of the fresh projects in which the packed client is used with the tools of client teams. */

const SCHEMA = "./node_modules/@cvm-gateway/client/dist/schema.graphql";

/** An app that sends documents of the preset. */
function usePreset(folder: string): string {
  return `
    import { createCvmClient } from "@cvm-gateway/client";
    import { graphql } from "./${folder}";
    const Read = graphql(\`query Mine($id: ID!) {
      cvm(id: $id) { name createdAt resources { vcpu } stats { sysinfo { totalMemoryBytes } } }
    }\`);
    const List = graphql(\`query All { cvms { totalCount nodes { ...Row } } }\`);
    graphql(\`fragment Row on Cvm { id status }\`);
    export async function run(url: string): Promise<unknown> {
      const client = createCvmClient({ url, headers: { "x-api-key": "sandbox-test" } });
      const { cvm } = await client.query(Read, { id: "web-phala" });
      const bytes: number | null | undefined = cvm?.stats?.sysinfo?.totalMemoryBytes;
      const created: string | null | undefined = cvm?.createdAt;
      // @ts-expect-error vcpu is a number
      const wrong: string = cvm?.resources.vcpu;
      const check = async () => {
        // @ts-expect-error the variable is missing
        await client.query(Read, {});
        // @ts-expect-error the variables are missing
        await client.query(Read);
      };
      const { cvms } = await client.query(List);
      const count: number = cvms.totalCount;
      return [cvm?.name, typeof bytes, typeof created, wrong, count > 1, cvms.nodes.length > 1, typeof check];
    }`;
}

/** GraphQL Code Generator with its client preset, in both document modes. */
export const codegen = {
  "codegen.ts": `
    import type { CodegenConfig } from "@graphql-codegen/cli";
    import { scalars } from "@cvm-gateway/client/codegen";
    const generate = (documentMode: "documentNode" | "string") => ({
      preset: "client",
      config: { scalars, documentMode },
    });
    const config: CodegenConfig = {
      schema: "${SCHEMA}",
      documents: "src/preset-string.ts",
      generates: { "src/gql-string/": generate("string"), "src/gql-tree/": generate("documentNode") },
    };
    export default config;`,
  "src/preset-string.ts": usePreset("gql-string"),
  "src/preset-tree.ts": usePreset("gql-tree"),
  "tsconfig.json": JSON.stringify({
    compilerOptions: {
      strict: true,
      exactOptionalPropertyTypes: true,
      module: "preserve",
      moduleResolution: "bundler",
      target: "es2022",
      lib: ["es2022", "dom"],
      types: [],
      noEmit: true,
    },
    files: ["src/preset-string.ts", "src/preset-tree.ts"],
  }),
};

/** gql.tada, whose types come from the schema file. */
export const tada = {
  "tsconfig.tada.json": JSON.stringify({
    extends: "./tsconfig.json",
    compilerOptions: {
      plugins: [{ name: "gql.tada/ts-plugin", schema: SCHEMA, tadaOutputLocation: "./src/graphql-env.d.ts" }],
    },
    files: ["src/tada.ts"],
  }),
  "src/tada.ts": `
    import { createCvmClient } from "@cvm-gateway/client";
    import { initGraphQLTada } from "gql.tada";
    import type { introspection } from "./graphql-env";
    const graphql = initGraphQLTada<{ introspection: introspection; scalars: { DateTime: string; SafeInt: number } }>();
    const Read = graphql("query Tada($id: ID!) { cvm(id: $id) { name status resources { memoryMb } } }");
    export async function run(url: string): Promise<unknown> {
      const client = createCvmClient({ url, headers: { "x-api-key": "sandbox-test" } });
      const { cvm } = await client.query(Read, { id: "web-phala" });
      const memory: number | null | undefined = cvm?.resources.memoryMb;
      // @ts-expect-error a status is a text
      const wrong: number = cvm?.status;
      // @ts-expect-error a flag is not an id
      const check = () => client.query(Read, { id: true });
      return [cvm?.name, typeof memory, wrong, typeof check];
    }`,
};

/** relay-compiler with pagination, a subscription and the scalars of the package. */
export const relay = {
  "relay/package.json": '{"private":true,"type":"commonjs"}',
  "relay/relay.config.js": `
    const { customScalarTypes } = require("@cvm-gateway/client/relay");
    module.exports = {
      src: "./src",
      language: "typescript",
      schema: ".${SCHEMA}",
      artifactDirectory: "./src/__generated__",
      customScalarTypes,
    };`,
  "relay/src/__generated__/.gitkeep": "",
  "relay/src/list.ts": `
    declare const graphql: (text: TemplateStringsArray) => unknown;
    export const query = graphql\`
      query listQuery($count: Int!, $cursor: String) { ...list_cvms @arguments(count: $count, cursor: $cursor) }\`;
    export const fragment = graphql\`
      fragment list_cvms on Query
      @refetchable(queryName: "listPaginationQuery")
      @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" }) {
        cvms(first: $count, after: $cursor) @connection(key: "list_cvms") {
          edges { node { id name createdAt stats { sysinfo { totalMemoryBytes } } } }
        }
      }\`;
    export const watch = graphql\`
      subscription listWatchSubscription($id: ID!) { cvmState(id: $id) { status cvm { id status } } }\`;`,
  "relay/use.ts": `
    import type { list_cvms$data } from "./src/__generated__/list_cvms.graphql";
    type Node = list_cvms$data["cvms"]["edges"][number]["node"];
    export const read = ({ createdAt, stats }: Node): [string | null | undefined, number | null | undefined] =>
      [createdAt, stats?.sysinfo?.totalMemoryBytes];`,
  "tsconfig.relay.json": JSON.stringify({
    extends: "./tsconfig.json",
    compilerOptions: { skipLibCheck: true },
    files: ["relay/use.ts", "relay/src/list.ts"],
  }),
};

/** An app that imports the whole client, for the bundler. */
export const app = {
  "src/app.ts": `
    import { createCvmClient } from "@cvm-gateway/client";
    export async function run(url: string): Promise<unknown> {
      const client = createCvmClient({ url, headers: { "x-api-key": "sandbox-test" } });
      const env = [{ key: "DATABASE_URL", value: "a" }, { key: "API_TOKEN", value: "b" }];
      const { status } = await client.configure({ id: "web-phala", vcpu: 8, env }, { allowUnverifiedKey: true });
      return status;
    }`,
  "src/only-client.ts": `export * from "@cvm-gateway/client";`,
  "src/only-seal.ts": `export * from "@cvm-gateway/client/seal";`,
  "src/settings.ts": `
    import { InMemoryCache } from "@apollo/client";
    import { possibleTypes, typePolicies } from "@cvm-gateway/client/apollo";
    import { introspection, keys } from "@cvm-gateway/client/graphcache";
    import { cacheExchange } from "@urql/exchange-graphcache";
    export const cache = new InMemoryCache({ possibleTypes, typePolicies });
    export const exchange = cacheExchange({ schema: introspection, keys });`,
  "tsconfig.app.json": JSON.stringify({
    extends: "./tsconfig.json",
    compilerOptions: { skipLibCheck: true },
    files: ["src/app.ts", "src/settings.ts"],
  }),
};

/** A script that reads many types through graphcache and prints the number of warnings. */
export function countWarnings(url: string, options: string): string {
  return `
    import { Client, fetchExchange } from "@urql/core";
    import { cacheExchange } from "@urql/exchange-graphcache";
    import { introspection, keys } from "@cvm-gateway/client/graphcache";
    let warnings = 0;
    console.warn = console.error = (text) => { warnings += 1; process.stderr.write(text + "\\n"); };
    const client = new Client({
      url: "${url}",
      preferGetMethod: false,
      fetchOptions: { headers: { "x-api-key": "sandbox-test" } },
      exchanges: [cacheExchange(${options}), fetchExchange],
    });
    const { error, data } = await client.query(\`{ cvm(id: "web-base") { id name
      state { status operation { type } resourceUsage { cpuPercent } events { event } }
      resources { vcpu } os { name } visibility { publicLogs } kms { type } node { name } endpoints { app }
      compose { hash } stats { sysinfo { disks { name } } } network { isOnline publicUrls { app } }
      containers { id } attestation { isOnline tcbInfo { mrtd eventLog { event } } appCertificates { issuer { country } } }
      userConfig { hostname } onChain { owner } envEncryptionKey { publicKey } availableOsImages { version prod { name } }
      operations(first: 2) { totalCount pageInfo { endCursor } edges { cursor node { id status } } }
      revisions(first: 2) { nodes { id } } } }\`, {}).toPromise();
    if (error || data.cvm.name !== "web-base") throw error ?? new Error("There is no CVM.");
    console.log(warnings);`;
}
