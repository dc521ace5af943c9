import { GraphQLError, Kind, type ValueNode } from "graphql";
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLSafeInt } from "graphql-scalars";
import { toBareHex } from "../../upstream/transport/wire-scalars.ts";
import { builder } from "./builder.ts";

function readString(node: ValueNode): unknown {
  return node.kind === Kind.STRING ? node.value : undefined;
}

function parseMatching(name: string, form: RegExp, normalize: (text: string) => string) {
  return (value: unknown): string => {
    const text = typeof value === "string" ? normalize(value) : "";
    if (typeof value === "string" && form.test(text)) return text;
    throw new GraphQLError(`Expected ${name}.`);
  };
}

const parseHex = parseMatching("hex of whole bytes, with or without 0x", /^(?:[0-9a-f]{2})*$/, toBareHex);
const parseAddress = parseMatching("0x and 40 hex digits", /^0x[0-9a-f]{40}$/, (text) => text.toLowerCase());
const parseSecret = parseMatching("a string", /^/, (text) => text);

builder.addScalarType("DateTime", GraphQLDateTimeISO, {
  description: "A moment in ISO 8601 with its zone, for example 2026-07-01T12:00:00.000Z.",
});

builder.addScalarType("JSON", GraphQLJSON, { description: "Any JSON value, as the REST API gives it." });

builder.addScalarType("SafeInt", GraphQLSafeInt, {
  description: "A whole number up to 2^53 - 1, for byte counts that a 32-bit Int cannot hold.",
});

builder.scalarType("Hex", {
  description:
    "Bytes in hex: lower case without a prefix on the way out; upper case and 0x are taken on the way in.",
  serialize: parseHex,
  parseValue: parseHex,
  parseLiteral: (node) => parseHex(readString(node)),
});

builder.scalarType("EthAddress", {
  description: "An address of an EVM chain: 0x and 40 hex digits, in lower case.",
  serialize: parseAddress,
  parseValue: parseAddress,
  parseLiteral: (node) => parseAddress(readString(node)),
});

builder.scalarType("SecretString", {
  description: "A String whose value never appears in an error, a log line or a trace.",
  serialize: parseSecret,
  parseValue: parseSecret,
  parseLiteral: (node) => parseSecret(readString(node)),
});
