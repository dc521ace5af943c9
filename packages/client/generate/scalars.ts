/** TypeScript type of each scalar as it is in JSON. */
const scalarTypes: Readonly<Record<string, string>> = {
  Boolean: "boolean",
  DateTime: "string",
  EthAddress: "string",
  Float: "number",
  Hex: "string",
  ID: "string",
  Int: "number",
  JSON: "unknown",
  SafeInt: "number",
  SecretString: "string",
  String: "string",
};

/** Scalars that every GraphQL tool knows. */
const builtIn = new Set(["Boolean", "Float", "ID", "Int", "String"]);

/** Return the scalars that a tool must be told about. @throws for a scalar of the schema without a type here */
export function listCustomScalars(names: readonly string[]): Readonly<Record<string, string>> {
  const custom = names.filter((name) => !builtIn.has(name)).sort();
  return Object.fromEntries(custom.map((name) => [name, getScalarType(name)]));
}

/** Return the TypeScript type of a scalar. @throws if there is none */
export function getScalarType(name: string): string {
  const type = scalarTypes[name];
  if (type === undefined) throw new Error(`The scalar ${name} has no TypeScript type in scalars.ts.`);
  return type;
}
