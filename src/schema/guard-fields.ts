import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
} from "graphql";
import { fieldRules, type Permission } from "../access/permissions.ts";
import { assertPermitted } from "../access/rights.ts";
import type { Context } from "../context.ts";

type Resolver = GraphQLFieldResolver<unknown, Context>;

/** Check a permission before a field is resolved or a stream is opened. */
function guard(resolve: Resolver, permission: Permission): Resolver {
  const needed = [permission];
  return (source, args, ctx, info) => {
    assertPermitted(ctx.rights, needed);
    return resolve(source, args, ctx, info);
  };
}

function guardType(type: GraphQLObjectType, rules: Readonly<Record<string, Permission | null>>): void {
  for (const field of Object.values(type.getFields())) {
    const permission = rules[field.name] ?? null;
    if (permission === null) continue;
    if (field.subscribe) field.subscribe = guard(field.subscribe, permission);
    else field.resolve = guard(field.resolve ?? defaultFieldResolver, permission);
  }
}

/**
 * Let every field of the table in src/access/permissions.ts check its permission, whichever transport, alias or
 * fragment selects it. Mutations check the permissions of their inputs in `runWrite`.
 */
export function guardFields(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, rules] of Object.entries(fieldRules)) {
    const type = schema.getType(name);
    if (isObjectType(type)) guardType(type, rules);
  }
  return schema;
}
