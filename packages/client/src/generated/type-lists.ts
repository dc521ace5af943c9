// Made from schema.graphql by `npm run generate:client`. Do not edit.

export const possibleTypes = {"ConfigureCvmResult":["InProgress","OnChainHashRequired"],"Node":["Cvm","Operation"]} as const;
export const embeddedTypes = ["AttestationCertificate","AvailableOsImage","CertificateIssuer","CertificateSubject","Compose","ComposeFileProvision","ConfigurationChange","ConfigurationPlan","CvmAttestation","CvmConnection","CvmEdge","CvmEndpoint","CvmKms","CvmNetwork","CvmNode","CvmOnChain","CvmOs","CvmProgress","CvmResourceUsage","CvmResources","CvmState","CvmStateEvent","CvmStateOperation","CvmStats","CvmUserConfig","CvmViewerCan","EnvEncryptionKey","ErrorDescription","InProgress","KmsNode","OnChainHashRequired","OnChainStatus","OperationConnection","OperationEdge","OsImageVariant","PageInfo","PlanProblem","RevisionConnection","RevisionEdge","SystemDisk","SystemInfo","TcbEvent","TcbInfo","TransactionRequest","Viewer","Visibility"] as const;
export const valueTypes = ["Compose","CvmAttestation","CvmKms","CvmNetwork","CvmNode","CvmOnChain","CvmOs","CvmProgress","CvmResourceUsage","CvmResources","CvmState","CvmStateOperation","CvmStats","CvmUserConfig","CvmViewerCan","EnvEncryptionKey","SystemInfo","TcbInfo","Visibility"] as const;
export const operationValueTypes = ["CvmProgress","CvmStateOperation"] as const;
export const unkeyedTypes = ["KmsNode"] as const;
export const connectionFields = {"Cvm":["operations","revisions"],"Query":["cvms"]} as const;
export const customScalars = {"DateTime":"string","EthAddress":"string","Hex":"string","JSON":"unknown","SafeInt":"number","SecretString":"string"} as const;
