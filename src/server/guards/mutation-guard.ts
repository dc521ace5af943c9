import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  GraphQLError,
  getArgumentValues,
  getOperationAST,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
} from "graphql";
import type { Plugin } from "graphql-yoga";
import type { Context } from "../../context.ts";
import { createInputError, type FieldProblem } from "../../errors.ts";
import { parseCvmRef } from "../../upstream/cvm-ref.ts";

/** Mutations that take no lock of the CVM, or break it: they may stand beside another one. */
const LOCK_FREE = new Set(["__typename", "provisionCvmComposeFileUpdate", "stopCvm"]);

function listFields(document: DocumentNode, { selections }: SelectionSetNode): FieldNode[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) return listFields(document, selection.selectionSet);
    return document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === selection.name.value
        ? listFields(document, node.selectionSet)
        : [],
    );
  });
}

function readTarget(field: FieldNode, { schema, variableValues }: ExecutionArgs): string | null {
  const definition = schema.getMutationType()?.getFields()[field.name.value];
  if (definition === undefined) return null;
  const { input } = getArgumentValues(definition, field, variableValues ?? undefined);
  const id: unknown = typeof input === "object" && input !== null && "id" in input ? input.id : null;
  return typeof id === "string" ? parseCvmRef(id) : null;
}

function findProblems(args: ExecutionArgs, idempotencyKey: string | null): FieldProblem[] {
  const operation = getOperationAST(args.document, args.operationName);
  if (operation?.operation !== OperationTypeNode.MUTATION) return [];
  const fields = listFields(args.document, operation.selectionSet).filter(
    ({ name }) => !LOCK_FREE.has(name.value),
  );
  if (idempotencyKey !== null && fields.length > 1) {
    return [
      {
        path: "Idempotency-Key",
        message: "The header stands for one mutation; give each its own input.idempotencyKey.",
      },
    ];
  }
  const targets = fields.map((field) => readTarget(field, args));
  return fields.flatMap((field, index) => {
    const first = targets.indexOf(targets[index] ?? null);
    if (targets[index] === null || first === index) return [];
    return [
      {
        path: field.alias?.value ?? field.name.value,
        message:
          "A second change of the same CVM in one document would run into the first one's lock: put both into one configureCvm.",
      },
    ];
  });
}

/**
 * Refuses, before the first is sent, documents whose mutations would stand in each other's way, and an
 * `Idempotency-Key` header that would stand for more than one.
 */
export function useMutationGuard(): Plugin<Context> {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const problems = findProblems(args, args.contextValue.idempotencyKey);
      if (problems.length === 0) return;
      const error = createInputError(problems);
      setResultAndStopExecution({ errors: [new GraphQLError(error.message, { originalError: error })] });
    },
  };
}
