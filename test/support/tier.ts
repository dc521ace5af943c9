/** True in `npm run test:long`, which runs tests of load and of random input for minutes. */
const isLongTier = process.env["TEST_TIER"] === "long";

/** Return the first value in `npm test`, the second one in `npm run test:long`. */
export function pickByTier<T>(short: T, long: T): T {
  return isLongTier ? long : short;
}
