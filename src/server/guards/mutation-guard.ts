import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getArgumentValues,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
} from "graphql";
import { createInputError, type FieldProblem } from "../../errors.ts";
import { parseCvmRef } from "../../upstream/cvm-ref.ts";
import { toGraphQLError } from "../errors/protocol-error.ts";
import type { CheckedOperation, Guard } from "./guard.ts";

type Variables = Readonly<Record<string, unknown>>;

/** Selections that do not need the CVM's lock, so they may be in one document with another mutation. */
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

/** Return the CVM that a mutation changes, or null when its input names none. */
function findTarget(field: FieldNode, schema: GraphQLSchema, variables: Variables): string | null {
  const definition = schema.getMutationType()?.getFields()[field.name.value];
  if (definition === undefined) return null;
  const { input } = getArgumentValues(definition, field, variables);
  const id: unknown = typeof input === "object" && input !== null && "id" in input ? input.id : null;
  return typeof id === "string" ? parseCvmRef(id) : null;
}

function findProblems({ schema, document, operation, variables, facts }: CheckedOperation): FieldProblem[] {
  if (operation.operation !== OperationTypeNode.MUTATION) return [];
  const fields = listFields(document, operation.selectionSet).filter(
    ({ name }) => !LOCK_FREE.has(name.value),
  );
  if (facts.idempotencyKey !== null && fields.length > 1) {
    return [
      {
        path: "Idempotency-Key",
        message: "The header applies to one mutation. Give each mutation its own input.idempotencyKey.",
      },
    ];
  }
  if (fields.length < 2) return [];
  const targets = fields.map((field) => findTarget(field, schema, variables));
  return fields.flatMap((field, index) => {
    const first = targets.indexOf(targets[index] ?? null);
    if (targets[index] === null || first === index) return [];
    return [
      {
        path: field.alias?.value ?? field.name.value,
        message:
          "Another mutation of this document changes the same CVM and holds its lock. Put both changes into one configureCvm.",
      },
    ];
  });
}

/**
 * Reject a document whose mutations would block each other, or an `Idempotency-Key` header that would apply to
 * more than one mutation. Nothing has been sent at this point.
 */
export const guardMutations: Guard = (operation) => {
  const problems = findProblems(operation);
  return problems.length === 0 ? null : toGraphQLError(createInputError(problems));
};
