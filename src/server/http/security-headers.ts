import type { Plugin } from "graphql-yoga";

const EVERYWHERE = {
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const;

const JSON_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** The page of GraphiQL contains its scripts, styles, fonts and workers, and calls its own origin. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-inline' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Set headers on every response that stop browsers from sniffing, framing and caching it. */
export function useSecurityHeaders(): Plugin {
  return {
    onResponse({ response: { headers } }) {
      for (const [name, value] of Object.entries(EVERYWHERE)) headers.set(name, value);
      const isPage = headers.get("content-type")?.startsWith("text/html") ?? false;
      headers.set("content-security-policy", isPage ? PAGE_POLICY : JSON_POLICY);
      if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    },
  };
}
