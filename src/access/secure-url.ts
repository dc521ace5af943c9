/** Whether a host name is this machine. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Parse a URL with `https:`, or with `http:` on this machine. @returns null for any other text */
export function parseSecureUrl(text: string): URL | null {
  const url = /^https?:\/\/[^\s\\]+$/i.test(text) ? URL.parse(text) : null;
  if (url === null || url.username !== "" || url.password !== "" || text.includes("#")) return null;
  return url.protocol === "https:" || isLoopback(url.hostname) ? url : null;
}
