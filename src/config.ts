import { z } from "zod";
import { StartupError } from "./errors.ts";
import { findMisspeltNames } from "./setting-names.ts";
import { settings, variables } from "./settings.ts";

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
  rule: z.core.$ZodType;
};

/** List the variables of a group of settings. `path` is the property path, with dots. */
function listVariables(group: z.core.$ZodShape, prefix = ""): Variable[] {
  return Object.entries(group).flatMap(([key, rule]) => {
    const path = `${prefix}${key}`;
    if (rule instanceof z.ZodObject) return listVariables(rule.shape, `${path}.`);
    const variable = variables.get(rule);
    if (variable === undefined) throw new TypeError(`The setting ${path} has no variable.`);
    return [{ path, rule, ...variable }];
  });
}

/** Arrange the variables as the settings are grouped. An empty variable counts as not set. */
function arrange(group: z.core.$ZodShape, environment: Environment): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(group).map(([key, rule]) => {
      if (rule instanceof z.ZodObject) return [key, arrange(rule.shape, environment)];
      return [key, environment[variables.get(rule)?.name ?? ""] || undefined];
    }),
  );
}

function parseSettings(environment: Environment): Settings {
  const parsed = settings.safeParse(arrange(settings.shape, environment));
  const names = new Map(listVariables(settings.shape).map(({ path, name }) => [path, name]));
  const problems =
    parsed.error?.issues.map(({ path, message }) => `${names.get(path.join("."))}: ${message}`) ?? [];
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
  const names = listVariables(settings.shape).map(({ name }) => name);
  return findMisspeltNames(given, names).map(
    ({ given: name, meant }) => `${name} is not a setting of the gateway. Did you mean ${meant}?`,
  );
}

/** List every variable with its purpose and its default, which is null without one. */
export function describeVariables(): { name: string; fallback: string | null; purpose: string }[] {
  return listVariables(settings.shape).map(({ name, purpose, rule }) => ({
    name,
    fallback: z.safeParse(rule, undefined).data?.toString() || null,
    purpose,
  }));
}
