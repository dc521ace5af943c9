/** The API key of the sandbox that examples use. Any key that starts with `sandbox-` is valid there. */
export const SANDBOX_KEY = "sandbox-demo";

/** Return the sentence that tells a caller with a wrong key what a key of the sandbox looks like. */
export function describeSandboxKey(example: string): string {
  return `The REST API is the sandbox: a key of it starts with sandbox-, for example ${example}.`;
}

/** What a person does with the embedded sandbox besides calling its REST API. */
type SandboxControls = {
  /** Base URL of its control endpoints, without `/__sandbox`. */
  readonly origin: string;
  /** Whether it serves a chain of its own. */
  readonly ownChain: boolean;
};

/** Return the lines about the sandbox. */
function describeSandbox({ origin, ownChain }: SandboxControls, signsIn: boolean): string {
  const key = `${SANDBOX_KEY} (every key that starts with sandbox- has its own workspace)`;
  const lines = [
    ownChain ? `Chain RPC   ${origin}/__sandbox/rpc` : null,
    `Clock       ${origin}/__sandbox/clock (POST ${origin}/__sandbox/advance moves it)`,
    signsIn ? null : `API key     ${key}`,
  ];
  return lines.map((line) => (line === null ? "" : `\n  ${line}`)).join("");
}

/**
 * Return the text that a started gateway prints: its URL, its upstream and a first request.
 *
 * @param sandbox - the embedded sandbox, or null with any other REST API
 * @param signsIn - whether callers send a token of an issuer
 */
export function formatStartMessage(
  url: string,
  upstreamUrl: string,
  sandbox: SandboxControls | null,
  signsIn: boolean,
): string {
  const key = `x-api-key: ${sandbox === null ? "$PHALA_CLOUD_API_KEY" : SANDBOX_KEY}`;
  const upstream =
    sandbox === null
      ? upstreamUrl
      : `the embedded sandbox at ${upstreamUrl}${describeSandbox(sandbox, signsIn)}`;
  return `
cvm-gateway is listening
  GraphQL     ${url}/graphql
  Upstream    ${upstream}

Try:
  curl -s ${url}/graphql -H 'content-type: application/json' -H '${signsIn ? "authorization: Bearer $TOKEN" : key}' \\
    -d '{"query":"{ cvms(first: 5) { totalCount nodes { id name status } } }"}'

`;
}
