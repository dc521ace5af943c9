import { z } from "zod";
import { StartupError } from "./errors.ts";
import { findMisspeltNames } from "./settings/misspelt-names.ts";
import { nameOfFile, readSecretFile } from "./settings/secret-file.ts";
import { settings } from "./settings/settings.ts";
import { variables } from "./settings/variables.ts";

type Environment = Readonly<Record<string, string | undefined>>;

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

type Settings = z.output<typeof settings>;

/** The settings of one process. Times are in milliseconds. */
export type Config = DeepReadonly<
  Omit<Settings, "nodeEnv" | "otel" | "graphiql"> & {
    graphiql: boolean;
    /** Whether errors suggest names of the schema for a misspelt one. */
    suggestNames: boolean;
    tracing: boolean;
  }
>;

/** The operator's rules for environments that arrive in plain text. */
export type EnvPolicy = Config["envPolicy"];

/** Settings of the HTTP server. */
export type FrontConfig = Config["front"];

/** Settings of the sandbox. */
export type SandboxConfig = Config["sandbox"];

/** Thrown for invalid settings. The message lists every problem and never contains a value. */
export class ConfigError extends StartupError {
  override readonly name = "ConfigError";

  constructor(problems: readonly string[]) {
    super(`The settings are invalid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

type Variable = {
  readonly path: string;
  readonly name: string;
  readonly purpose: string;
  readonly alias: string | null;
  /** Variable that names a file with the value. Null for a setting that is not secret. */
  readonly fileName: string | null;
  readonly rule: z.core.$ZodType;
};

/** List the variables of a group of settings. `path` is the property path, with dots. */
function listVariables(group: z.core.$ZodShape, prefix = ""): Variable[] {
  return Object.entries(group).flatMap(([key, rule]) => {
    const path = `${prefix}${key}`;
    if (rule instanceof z.ZodObject) return listVariables(rule.shape, `${path}.`);
    const variable = variables.get(rule);
    if (variable === undefined) throw new TypeError(`The setting ${path} has no variable.`);
    const { name, purpose, alias = null, secret = false } = variable;
    return [{ path, rule, name, purpose, alias, fileName: secret ? nameOfFile(name) : null }];
  });
}

/** Arrange values, which are listed by property path, as the settings are grouped. */
function arrange(
  group: z.core.$ZodShape,
  values: ReadonlyMap<string, string>,
  prefix = "",
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(group).map(([key, rule]) => {
      const path = `${prefix}${key}`;
      return [key, rule instanceof z.ZodObject ? arrange(rule.shape, values, `${path}.`) : values.get(path)];
    }),
  );
}

/** Read the variables and the files of secrets, by property path. An empty variable counts as not set. */
function readValues(environment: Environment) {
  const values = new Map<string, string>();
  const names = new Map<string, string>();
  const problems: string[] = [];
  for (const { path, name, alias, fileName } of listVariables(settings.shape)) {
    const given = [alias, name].find((one) => one !== null && environment[one]) ?? null;
    const file = fileName === null ? undefined : environment[fileName];
    names.set(path, file ? `${fileName}` : (given ?? name));
    if (!file) {
      const value = environment[given ?? name];
      if (value) values.set(path, value);
      continue;
    }
    const read =
      given === null ? readSecretFile(file) : { problem: `must not be given together with ${given}` };
    if ("value" in read) values.set(path, read.value);
    else problems.push(`${fileName}: ${read.problem}`);
  }
  return { values, names, problems };
}

function parseSettings(environment: Environment): Settings {
  const { values, names, problems } = readValues(environment);
  const parsed = settings.safeParse(arrange(settings.shape, values));
  for (const { path, message } of parsed.error?.issues ?? []) {
    problems.push(`${names.get(path.join("."))}: ${message}`);
  }
  if (environment["NODE_ENV"] === "production" && !environment["UPSTREAM_URL"]) {
    problems.push("UPSTREAM_URL: must be given when NODE_ENV is production");
  }
  if (environment["PERSISTED_ONLY"] === "true" && !environment["PERSISTED_DOCUMENTS"]) {
    problems.push("PERSISTED_DOCUMENTS: must be given when PERSISTED_ONLY is true");
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}

/** Return the value of an environment variable that another setting names. An empty one counts as not set. */
export function readVariable(name: string): string | undefined {
  return process.env[name] || undefined;
}

/**
 * Load the settings of the gateway.
 *
 * @throws {ConfigError} with every problem.
 */
export function loadConfig(environment: Environment = process.env): Config {
  const { nodeEnv, otel, graphiql, ...config } = parseSettings(environment);
  const inDevelopment = nodeEnv !== "production";
  return {
    ...config,
    graphiql: graphiql ?? inDevelopment,
    suggestNames: inDevelopment && graphiql !== false,
    tracing: !otel.disabled && (otel.endpoint ?? otel.tracesEndpoint) !== null,
  };
}

/**
 * Load the settings of a sandbox that runs without a gateway.
 *
 * @throws {ConfigError} with every problem.
 */
export function loadSandboxConfig(environment: Environment = process.env): SandboxConfig {
  return loadConfig({ ...environment, UPSTREAM_URL: "sandbox" }).sandbox;
}

/**
 * List warnings about variables that look like a misspelt setting, which the gateway ignores. They name
 * variables and never quote a value.
 */
export function listNameWarnings(environment: Environment = process.env): string[] {
  const given = Object.keys(environment).filter((name) => environment[name]);
  const names = listVariables(settings.shape).flatMap(({ name, alias, fileName }) =>
    [name, alias, fileName].filter((one) => one !== null),
  );
  return findMisspeltNames(given, names).map(
    ({ given: name, meant }) => `${name} is not a setting of the gateway. Did you mean ${meant}?`,
  );
}

/** What the documentation says about one variable. */
type VariableDescription = Pick<Variable, "name" | "fileName" | "purpose"> & {
  /** Default of the setting. Null without one. */
  readonly fallback: string | null;
};

/** Describe every variable for the documentation. */
export function describeVariables(): VariableDescription[] {
  return listVariables(settings.shape).map(({ name, fileName, purpose, rule }) => ({
    name,
    fileName,
    fallback: z.safeParse(rule, undefined).data?.toString() || null,
    purpose,
  }));
}
