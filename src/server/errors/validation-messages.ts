import {
  type ASTVisitor,
  GraphQLError,
  Kind,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  ValuesOfCorrectTypeRule,
} from "graphql";
import { findFieldInMessage, findLiteralPath, INPUT_PATH } from "./argument-path.ts";
import { describeExpectedValue } from "./expected-value.ts";

/** Remove quoted tokens from a syntax error, because a string literal may be a secret. */
export function withoutTokenText(message: string): string {
  if (!message.startsWith("Syntax Error")) return message;
  return message
    .replace(/((?:found|Unexpected) (?:String|BlockString|Int|Float|Name)) "[\s\S]*$/, "$1.")
    .replace(/(Unexpected character|Invalid [\w ]+|Cannot parse[\w ]+): [\s\S]*$/, "$1.");
}

/** Remove "Did you mean" from a message. It reveals names of a schema that is hidden. */
function removeSuggestion(message: string): string {
  return message.replace(/ Did you mean [\s\S]*$/, "");
}

/** Remove the suggestion from the message of an error. */
export function withoutSuggestion(error: GraphQLError): GraphQLError {
  const message = removeSuggestion(error.message);
  if (message === error.message) return error;
  return new GraphQLError(message, { nodes: error.nodes ?? null, extensions: error.extensions });
}

/** Messages of `ValuesOfCorrectTypeRule` that name types and fields but quote no value. */
const VALUE_FREE =
  /^(Field "\S+" (of required type|is not defined by type|must be non-null)|OneOf Input Object|Variable )/;

/** Find the input path of what an error is about. `maskError` reports it as `fields`. */
function locateInput(context: ValidationContext, { nodes, message }: GraphQLError): Record<string, string> {
  const [node] = nodes ?? [];
  const path = node === undefined ? null : findLiteralPath(context.getDocument(), node);
  if (node === undefined || path === null) return {};
  const field = node.kind === Kind.OBJECT ? findFieldInMessage(message) : null;
  return { [INPUT_PATH]: field === null ? path : `${path}.${field}` };
}

/** GraphQL's rule for literals in a document. Messages name the expected type and never the value. */
function ValuesOfCorrectTypeWithoutValuesRule(context: ValidationContext): ASTVisitor {
  const report = (error: GraphQLError): void => {
    const message = VALUE_FREE.test(error.message)
      ? error.message
      : describeExpectedValue(context.getInputType() ?? undefined);
    const extensions = locateInput(context, error);
    context.reportError(new GraphQLError(message, { nodes: error.nodes ?? null, extensions }));
  };
  return ValuesOfCorrectTypeRule(
    new Proxy(context, {
      get(target, key) {
        if (key === "reportError") return report;
        const value: unknown = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    }),
  );
}

/** GraphQL's validation rules, with messages that quote no value. */
export const valueFreeRules: readonly ValidationRule[] = specifiedRules.map((rule) =>
  rule === ValuesOfCorrectTypeRule ? ValuesOfCorrectTypeWithoutValuesRule : rule,
);
