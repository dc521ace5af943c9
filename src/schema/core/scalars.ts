import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from "graphql";
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLSafeInt } from "graphql-scalars";
import { isBareHex, toBareHex } from "../../upstream/transport/wire-scalars.ts";
import { builder } from "./builder.ts";

function getString(node: ValueNode): unknown {
  return node.kind === Kind.STRING ? node.value : undefined;
}

function parseMatching(name: string, form: RegExp, normalize: (text: string) => string) {
  // The rule for literals reports a GraphQLError as it is, so it needs its place in the document.
  return (value: unknown, node: ValueNode | null = null): string => {
    const text = typeof value === "string" ? normalize(value) : "";
    if (typeof value === "string" && form.test(text)) return text;
    throw new GraphQLError(`Expected ${name}.`, { nodes: node });
  };
}

const parseHex = parseMatching("hex of whole bytes, with or without 0x", /^(?:[0-9a-f]{2})*$/, toBareHex);
const parseAddress = parseMatching("0x and 40 hex digits", /^0x[0-9a-f]{40}$/, (text) => text.toLowerCase());
const parseSecret = parseMatching("a string", /^/, (text) => text);

const dateTime = new GraphQLScalarType<Date, string>({
  ...GraphQLDateTimeISO.toConfig(),
  // A text was brought to this form by `toIsoTime`.
  serialize: (value) => (typeof value === "string" ? value : GraphQLDateTimeISO.serialize(value)),
});

builder.addScalarType("DateTime", dateTime, {
  description: "Date and time in ISO 8601 with a time zone, for example 2026-07-01T12:00:00.000Z.",
});

builder.addScalarType("JSON", GraphQLJSON, { description: "Any JSON value." });

builder.addScalarType("SafeInt", GraphQLSafeInt, {
  description: "Integer up to 2^53 - 1, for values that a 32-bit Int cannot hold, such as byte counts.",
});

builder.scalarType("Hex", {
  description:
    "Bytes in hexadecimal. Output is in lower case without a prefix. Input can be in upper case and can start with 0x.",
  serialize: (value) => (typeof value === "string" && isBareHex(value) ? value : parseHex(value)),
  parseValue: (value) => parseHex(value),
  parseLiteral: (node) => parseHex(getString(node), node),
});

builder.scalarType("EthAddress", {
  description: "Address on an EVM chain: 0x and 40 hexadecimal digits, in lower case.",
  serialize: (value) => parseAddress(value),
  parseValue: (value) => parseAddress(value),
  parseLiteral: (node) => parseAddress(getString(node), node),
});

builder.scalarType("SecretString", {
  description: "Secret text. The gateway never writes its value to an error, a log line or a trace.",
  serialize: (value) => parseSecret(value),
  parseValue: (value) => parseSecret(value),
  parseLiteral: (node) => parseSecret(getString(node), node),
});
