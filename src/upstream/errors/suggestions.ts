import { type ErrorCode, errorCatalog } from "../../error-catalog.ts";

/** Words of the REST API that mean nothing to a client of GraphQL: methods with paths, headers, endpoints. */
const REST_WORDS =
  /\b(?:GET|HEAD|POST|PUT|PATCH|DELETE)\s+\/|\bX-[A-Z][\w-]*|\bheaders?\b|\bendpoints?\b|\bquery (?:param|string)|\brequest body\b|\bcurl\b|\/(?:api|v\d+|cvms|apps|kms|workspaces|instance-types)\b/i;

/** A member of a REST body, such as `env_keys`. Ids have the same form and are no member. */
const REST_MEMBER = /\b(?!(?:cvm|app|instance|kms)_)[a-z]+(?:_[a-z]+)+\b/;

function listNextSteps(code: ErrorCode): readonly string[] {
  const entry = errorCatalog[code];
  return "nextSteps" in entry ? entry.nextSteps : [];
}

/**
 * Choose the suggestions of an error. Those of the REST API are kept where they also make sense in GraphQL. The
 * next steps of the code replace the others. Without any, there are only the next steps.
 */
export function chooseSuggestions(code: ErrorCode, given: readonly string[]): readonly string[] {
  const kept = given.filter((text) => !REST_WORDS.test(text) && !REST_MEMBER.test(text));
  const ownSteps = listNextSteps(code);
  if (kept.length === given.length) return given.length > 0 ? given : ownSteps;
  return [...(ownSteps.length > 0 ? ownSteps : [errorCatalog[code].remedy]), ...kept];
}
