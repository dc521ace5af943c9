import { KEY } from "../support/streaming-gateway.ts";

/** Accept header of a multipart subscription. */
export const MULTIPART = 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json';

/** Start a subscription on the CVM web-phala over HTTP POST. */
export function post(
  url: string,
  accept: string,
  query: string,
  headers: Record<string, string> = { "x-api-key": KEY },
) {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept, ...headers },
    body: JSON.stringify({ query, variables: { id: "web-phala" } }),
  });
}

/** Read the body until it contains enough text. */
export async function readText(response: Response, enough: (text: string) => boolean): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (enough(text)) break;
  }
  return text;
}
