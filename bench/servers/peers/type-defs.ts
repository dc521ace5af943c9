/** Schema of the peers that are written schema-first. Yoga has the same schema in Pothos. */
export const typeDefs = /* GraphQL */ `
  scalar SafeInt

  type Query {
    cvm(id: ID!): Cvm
    cvms(first: Int!): CvmConnection!
  }

  type Mutation {
    configureCvm(input: ConfigureCvmInput!): InProgress!
  }

  input ConfigureCvmInput {
    id: ID!
    vcpu: Int!
    memoryMb: Int!
  }

  type InProgress {
    status: String!
    correlationId: ID!
    message: String!
  }

  type CvmConnection {
    totalCount: Int!
    nodes: [Cvm!]!
  }

  type Cvm {
    id: ID!
    name: String!
    status: String!
    rawStatus: String!
    appId: String!
    vmUuid: String!
    instanceId: String!
    inProgress: Boolean!
    createdAt: String!
    resources: CvmResources!
    state: CvmState
    compose: Compose!
    network: CvmNetwork!
    stats: CvmStats!
  }

  type CvmResources {
    vcpu: Int!
    memoryMb: Int!
    diskSizeGb: Int!
  }

  type CvmState {
    status: String!
    uptime: String!
    bootProgress: String!
  }

  type Compose {
    runner: String!
    allowedEnvs: [String!]!
  }

  type CvmNetwork {
    isOnline: Boolean!
    internalIp: String!
    publicUrls: [CvmEndpoint!]!
  }

  type CvmEndpoint {
    app: String!
    instance: String!
  }

  type CvmStats {
    isOnline: Boolean!
    sysinfo: SystemInfo!
  }

  type SystemInfo {
    osVersion: String!
    totalMemoryBytes: SafeInt!
    usedMemoryBytes: SafeInt!
    uptimeSeconds: SafeInt!
  }
`;
