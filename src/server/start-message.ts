/** The API key of the sandbox that examples use. Any key that starts with `sandbox-` is valid there. */
export const SANDBOX_KEY = "sandbox-demo";

/** Return the sentence that tells a caller with a wrong key what a key of the sandbox looks like. */
export function describeSandboxKey(example: string): string {
  return `The REST API is the sandbox: a key of it starts with sandbox-, for example ${example}.`;
}

/**
 * Return the text that a started gateway prints: its URL, its upstream and a first request.
 *
 * @param signsIn - whether callers send a token of an issuer
 */
export function formatStartMessage(
  url: string,
  upstreamUrl: string,
  onSandbox: boolean,
  signsIn: boolean,
): string {
  const key = `x-api-key: ${onSandbox ? SANDBOX_KEY : "$PHALA_CLOUD_API_KEY"}`;
  const advice = signsIn
    ? ""
    : `\n  API key     ${SANDBOX_KEY} (every key that starts with sandbox- has its own workspace)`;
  const upstream = onSandbox ? `the embedded sandbox at ${upstreamUrl}${advice}` : upstreamUrl;
  return `
cvm-gateway is listening
  GraphQL     ${url}/graphql
  Upstream    ${upstream}

Try:
  curl -s ${url}/graphql -H 'content-type: application/json' -H '${signsIn ? "authorization: Bearer $TOKEN" : key}' \\
    -d '{"query":"{ cvms(first: 5) { totalCount nodes { id name status } } }"}'

`;
}
