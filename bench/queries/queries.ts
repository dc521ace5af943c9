/** Names of the queries, in the order of the tables. */
export const QUERY_NAMES = ["Q1", "Q2", "Q3", "Q3S", "M1"] as const;

export type QueryName = (typeof QUERY_NAMES)[number];

type Query = {
  readonly purpose: string;
  readonly document: string;
  /** Variables for one CVM. A query of a page has the same variables for each. */
  readonly variables: (cvmId: string) => Readonly<Record<string, unknown>>;
};

const NODE = `id name status rawStatus appId vmUuid instanceId inProgress createdAt
      resources { vcpu memoryMb diskSizeGb }`;

/** Number of CVMs on the page of Q3 and Q3S. */
export const PAGE_SIZE = 50;

/** Setting that M1 sends. The REST API repeats it in its answer. */
export const NEW_VCPU = 4;

export const queries: Readonly<Record<QueryName, Query>> = {
  Q1: {
    purpose: "one CVM, three fields, one upstream call",
    document: "query Q1($id: ID!) { cvm(id: $id) { id name status } }",
    variables: (id) => ({ id }),
  },
  Q2: {
    purpose: "one CVM with its app-compose, network and statistics, four upstream calls",
    document: `query Q2($id: ID!) {
  cvm(id: $id) {
    id name status
    resources { vcpu memoryMb diskSizeGb }
    compose { runner allowedEnvs }
    network { isOnline internalIp publicUrls { app instance } }
    stats { isOnline sysinfo { osVersion totalMemoryBytes usedMemoryBytes uptimeSeconds } }
  }
}`,
    variables: (id) => ({ id }),
  },
  Q3: {
    purpose: "page of 50 CVMs, twelve fields each",
    document: `query Q3($first: Int!) {
  cvms(first: $first) {
    totalCount
    nodes {
      ${NODE}
    }
  }
}`,
    variables: () => ({ first: PAGE_SIZE }),
  },
  Q3S: {
    purpose: "the same page with the live state of each CVM",
    document: `query Q3S($first: Int!) {
  cvms(first: $first) {
    totalCount
    nodes {
      ${NODE}
      state { status uptime bootProgress }
    }
  }
}`,
    variables: () => ({ first: PAGE_SIZE }),
  },
  M1: {
    purpose: "configureCvm with two settings",
    document: `mutation M1($input: ConfigureCvmInput!) {
  configureCvm(input: $input) {
    __typename
    ... on InProgress { status correlationId message }
  }
}`,
    variables: (id) => ({ input: { id, vcpu: NEW_VCPU, memoryMb: 8_192 } }),
  },
};

/** Headers of all requests. */
export const HEADERS = { "content-type": "application/json", "x-api-key": "bench-key" } as const;

/** Body of a GraphQL request. `operationName` is the name of the query. */
export function buildBody(name: QueryName, cvmId: string): string {
  const { document, variables } = queries[name];
  return JSON.stringify({ operationName: name, query: document, variables: variables(cvmId) });
}
