/** How people sign in where the gateway has an access file. A public client: it has no secret. */
export type SignInSettings = {
  readonly issuer: string;
  readonly clientId: string;
  readonly scope: string;
  /** Resource indicator of the gateway, if the provider needs one to issue a token with its audience. */
  readonly resource: string | null;
};

/** Settings of the console. It reads them from `config.json` at its own origin, so one build runs everywhere. */
export type Settings = {
  /** URL of the gateway with `/graphql`. */
  readonly gatewayUrl: string;
  readonly signIn: SignInSettings | null;
  /** Key that is filled in for a sandbox. Never set one of a real workspace: everyone who opens the page can read it. */
  readonly sandboxKey: string | null;
  /** JSON-RPC endpoint of a sandbox, whose chain signs with one click. */
  readonly sandboxRpcUrl: string | null;
  /** KMS root keys that may sign the keys to which secrets are sealed. */
  readonly trustedRootKeys: readonly string[];
};

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readText(record: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = record[name];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return value;
  throw new Error(`${name} in config.json must be a text.`);
}

function requireText(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = readText(record, name);
  if (value === null) throw new Error(`config.json has no ${name}.`);
  return value;
}

function requireUrl(record: Readonly<Record<string, unknown>>, name: string): string {
  const value = requireText(record, name);
  if (URL.canParse(value)) return value;
  throw new Error(`${name} in config.json must be a URL: see config.example.json.`);
}

function parseSignIn(value: unknown): SignInSettings | null {
  if (value === undefined || value === null) return null;
  if (!isRecord(value)) throw new Error("signIn in config.json must be an object.");
  return {
    issuer: requireUrl(value, "issuer"),
    clientId: requireText(value, "clientId"),
    scope: readText(value, "scope") ?? "openid",
    resource: readText(value, "resource"),
  };
}

/** Parse the content of `config.json`. @throws Error that names the member that is wrong */
function parseSettings(value: unknown): Settings {
  if (!isRecord(value)) throw new Error("config.json must be an object.");
  const keys = value["trustedRootKeys"] ?? [];
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string")) {
    throw new Error("trustedRootKeys in config.json must be a list of texts.");
  }
  return {
    gatewayUrl: requireUrl(value, "gatewayUrl"),
    signIn: parseSignIn(value["signIn"]),
    sandboxKey: readText(value, "sandboxKey"),
    sandboxRpcUrl: readText(value, "sandboxRpcUrl"),
    trustedRootKeys: keys,
  };
}

/** Fetch the settings. @throws Error if `config.json` is missing or wrong */
export async function fetchSettings(): Promise<Settings> {
  const response = await fetch("/config.json", { cache: "no-cache" });
  const text = await response.text();
  // Many hosts answer with the page itself where a file is missing.
  if (!response.ok || text.startsWith("<")) throw new Error("There is no config.json next to this page.");
  return parseSettings(JSON.parse(text));
}
