import { type GraphQLInputType, getNamedType } from "graphql";
import { MAX_INT, MIN_INT } from "../../limits.ts";

/** What each scalar accepts. A scalar that is missing here is described by its name alone. */
const acceptedValues: Readonly<Record<string, string>> = {
  Boolean: "true or false",
  DateTime: "a date and time in ISO 8601 with a time zone",
  EthAddress: "0x and 40 hexadecimal digits",
  Hex: "an even number of hexadecimal digits, with or without 0x",
  ID: "a text or a whole number",
  Int: `a whole number from ${MIN_INT} to ${MAX_INT}`,
  SafeInt: `a whole number from ${Number.MIN_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}`,
  SecretString: "a text",
  String: "a text",
};

/** Return the message for a value that does not fit its type. It says what is accepted and quotes no value. */
export function describeExpectedValue(type: GraphQLInputType | undefined): string {
  const accepted = type === undefined ? undefined : acceptedValues[getNamedType(type).name];
  return `Expected a value of type "${type}"${accepted === undefined ? "" : `: ${accepted}`}.`;
}
