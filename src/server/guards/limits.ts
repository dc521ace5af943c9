import { type GraphQLError, NoSchemaIntrospectionCustomRule, validate } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { Context } from "../../context.ts";
import { MAX_VALIDATION_ERRORS } from "../../limits.ts";
import { valueFreeRules, withoutSuggestion } from "../errors/validation-messages.ts";
import { checkDocumentLimits, parseLimited } from "./document-size.ts";
import { type CostedOperation, checkUpstreamCalls } from "./upstream-budget.ts";

/** The header that asks for {@link useUpstreamStats}. */
export const STATS_HEADER = "x-upstream-stats";

/**
 * Parses and validates within limits, which come first: of a document that is over one nothing else is
 * looked at. Closed, it neither answers introspection nor suggests names.
 */
export function useDocumentLimits(open: boolean): Plugin {
  const rules = open ? valueFreeRules : [...valueFreeRules, NoSchemaIntrospectionCustomRule];
  return {
    onParse({ setParseFn }) {
      setParseFn(parseLimited);
    },
    onValidate({ setValidationFn }) {
      setValidationFn((schema, document) => {
        const refusal = checkDocumentLimits(document);
        if (refusal !== null) return [refusal];
        const errors = validate(schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS });
        return open ? errors : errors.map(withoutSuggestion);
      });
    },
  };
}

/** Refuses an operation that may cost more upstream calls than its budget, before anything of it runs. */
export function useUpstreamBudget(maxCalls: number): Plugin {
  const check = (args: CostedOperation): { errors: GraphQLError[] } | undefined => {
    const refusal = checkUpstreamCalls(args, maxCalls);
    return refusal === null ? undefined : { errors: [refusal] };
  };
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const refusal = check(args);
      if (refusal !== undefined) setResultAndStopExecution(refusal);
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = check(args);
      if (refusal !== undefined) setResultAndStopExecution(refusal);
    },
  };
}

/** Tells in `extensions.upstream` what an operation cost, where the request asks for it. */
export function useUpstreamStats(): Plugin<Context> {
  return {
    onExecute({ args }) {
      if (args.contextValue.request?.headers.get(STATS_HEADER) !== "true") return;
      return {
        onExecuteDone({ result, setResult }) {
          if (!("data" in result) && !("errors" in result)) return;
          const { calls, deduplicated, retries, ms } = args.contextValue.upstream.stats;
          const upstream = { calls, deduplicated, retries, ms: Math.round(ms) };
          setResult({ ...result, extensions: { ...result.extensions, upstream } });
        },
      };
    },
  };
}
