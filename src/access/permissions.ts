/** What a role can allow, in the order in which messages name them. */
export const permissions = ["read", "plan", "power", "configure", "environment", "confirm"] as const;

/** One thing that a role can allow. */
export type Permission = (typeof permissions)[number];

/**
 * The permission that an input field needs when it is given. Null for a field that changes nothing on its own. A
 * nested object has one rule for each of its fields.
 */
export type InputRule = Permission | null | InputRules;

/** The rules of all fields of one input. */
type InputRules = { readonly [Field in string]: InputRule };

/** The permissions of one mutation. */
export type MutationRule = {
  /** Needed whatever the input has. Null if only the input decides. */
  readonly always: Permission | null;
  /** Rules of the fields of the argument `input`. */
  readonly input: InputRules;
};

/** Fields that protect a write and change nothing. */
const protection = { id: null, expectedVersion: null, idempotencyKey: null, waitIfBusySeconds: null };

/** Fields of the second phase of a mutation that serves both phases. */
const secondPhase = {
  composeHash: "confirm",
  transactionHash: "confirm",
  waitForTransactionSeconds: null,
} as const;

const power: MutationRule = { always: "power", input: protection };

const confirmation = {
  ...protection,
  ...secondPhase,
} as const;

/**
 * The permissions of every mutation. A mutation that needs several needs all of them. An input that gives no field
 * with a permission of its own needs `configure`.
 */
export const mutationRules: Readonly<Record<string, MutationRule>> = {
  startCvm: power,
  stopCvm: power,
  shutdownCvm: power,
  restartCvm: { always: "power", input: { ...protection, force: "power" } },
  configureCvm: {
    always: null,
    input: {
      ...protection,
      dockerComposeFile: "configure",
      preLaunchScript: "configure",
      allowedEnvs: "environment",
      env: "environment",
      removeKeys: "environment",
      publicLogs: "configure",
      publicSysinfo: "configure",
      publicTcbinfo: "configure",
      instanceType: "configure",
      vcpu: "configure",
      memoryMb: "configure",
      diskSizeGb: "configure",
      image: "configure",
      userConfig: "configure",
      shutdownTimeoutSeconds: "configure",
      allowForceStop: "configure",
      prepareOnly: "configure",
    },
  },
  confirmCvmPatch: { always: "confirm", input: confirmation },
  commitCvmUpdate: { always: "confirm", input: { ...confirmation, token: "confirm" } },
  updateCvmEnvs: {
    always: "environment",
    input: { ...protection, ...secondPhase, env: "environment", removeKeys: "environment" },
  },
  updateCvmResources: {
    always: "configure",
    input: {
      ...protection,
      vcpu: "configure",
      memoryMb: "configure",
      diskSizeGb: "configure",
      instanceType: "configure",
      allowRestart: "configure",
    },
  },
  updateCvmVisibility: {
    always: "configure",
    input: { ...protection, publicSysinfo: "configure", publicLogs: "configure", publicTcbinfo: "configure" },
  },
  updateDockerCompose: {
    always: "configure",
    input: { ...protection, ...secondPhase, dockerComposeFile: "configure" },
  },
  updateOsImage: { always: "configure", input: { ...protection, osImageName: "configure" } },
  updatePreLaunchScript: {
    always: "configure",
    input: { ...protection, ...secondPhase, preLaunchScript: "configure" },
  },
  provisionCvmComposeFileUpdate: {
    always: "configure",
    input: {
      ...protection,
      appCompose: {
        dockerComposeFile: "configure",
        preLaunchScript: "configure",
        name: "configure",
        allowedEnvs: "environment",
        features: "configure",
        publicLogs: "configure",
        publicSysinfo: "configure",
        publicTcbinfo: "configure",
        kmsEnabled: "configure",
        gatewayEnabled: "configure",
        storageFs: "configure",
      },
      removeKeys: "environment",
      updateEnvVars: "configure",
    },
  },
  commitCvmComposeFileUpdate: {
    always: "confirm",
    input: { ...protection, composeHash: "confirm", env: "environment", updateEnvVars: "confirm" },
  },
};

/**
 * The permission of every field of `Query` and `Subscription`, and of the fields of a write's result that read the
 * CVM. Null for a field that anyone may select.
 */
export const fieldRules: Readonly<Record<string, Readonly<Record<string, Permission | null>>>> = {
  Query: {
    cvm: "read",
    cvms: "read",
    errorCatalog: null,
    node: "read",
    nodes: "read",
    operation: "read",
    planCvmConfiguration: "plan",
    viewer: null,
  },
  Subscription: { cvmState: "read", operation: "read" },
  InProgress: { cvm: "read", operation: "read" },
  OnChainHashRequired: { cvm: "read" },
};

/** A permission that a given input field needs, with the path of the field below the input. */
type NeededByField = { readonly permission: Permission; readonly path: string };

function listNeededByFields(rules: InputRules, input: object, prefix: string): NeededByField[] {
  return Object.entries(input).flatMap(([name, value]): NeededByField[] => {
    const rule = rules[name];
    if (rule === null || value === null || value === undefined) return [];
    const path = `${prefix}${name}`;
    if (typeof rule === "string") return [{ permission: rule, path }];
    // A field that the table does not know is refused to everyone: a test keeps the table complete.
    if (rule === undefined) throw new TypeError(`No permission covers the input field ${path}.`);
    return listNeededByFields(rule, Object(value), `${path}.`);
  });
}

function findRule(mutation: string): MutationRule {
  const rule = mutationRules[mutation];
  if (rule === undefined) throw new TypeError(`No permission covers the mutation ${mutation}.`);
  return rule;
}

/** List the permissions that a mutation with this input needs, in the order of {@link permissions}. */
export function listNeededPermissions(mutation: string, input: object): readonly Permission[] {
  const { always, input: rules } = findRule(mutation);
  const needed = new Set(listNeededByFields(rules, input, "").map(({ permission }) => permission));
  if (always !== null) needed.add(always);
  if (needed.size === 0) needed.add("configure");
  return permissions.filter((permission) => needed.has(permission));
}

/** List the names of the settings that a mutation changes, without their values. */
export function listChangedSettings(mutation: string, input: object): readonly string[] {
  return listNeededByFields(findRule(mutation).input, input, "")
    .filter(({ permission }) => permission === "configure" || permission === "environment")
    .map(({ path }) => path);
}
