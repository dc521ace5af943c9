import { encodeFunctionData, type Hex, keccak256, toHex } from "viem";
import { z } from "zod";

/*
 * What Safe's Transaction Builder does with a file that is dropped into it (app version 1.18, read in its
 * sources): it rejects numbers where it needs texts, compares the checksum, and turns each transaction into a
 * call. A transaction with `data` is shown as custom hex data, and its names are ignored.
 */

const hex = z.templateLiteral(["0x", z.string().regex(/^[0-9a-fA-F]*$/)]);

const batch = z.looseObject({
  version: z.string(),
  chainId: z.string(),
  createdAt: z.number(),
  meta: z.looseObject({ name: z.string(), checksum: z.string() }),
  transactions: z.array(
    z.object({
      to: hex,
      value: z.string(),
      data: hex.nullish(),
      contractMethod: z.object({
        inputs: z.array(z.object({ name: z.string(), type: z.string(), internalType: z.string() })),
        name: z.string(),
        payable: z.boolean(),
      }),
      contractInputsValues: z.record(z.string(), z.string()),
    }),
  ),
});

/** Write a value in the form that is hashed: `{`, its sorted keys, each value with a comma, `}`. */
function format(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(format).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const entries = new Map(Object.entries(value));
  const keys = [...entries.keys()].sort();
  return `{${JSON.stringify(keys)}${keys.map((key) => `${format(entries.get(key))},`).join("")}}`;
}

/** Import a file as the builder does. */
export function importSafeBatch(file: unknown) {
  const { meta, ...rest } = batch.parse(file);
  const { checksum, ...named } = meta;
  const text = format({ ...rest, meta: { ...named, name: null } });
  return {
    checksumIsValid: keccak256(toHex(text)) === checksum,
    /** What a signer sees. */
    shown: rest.transactions.map(({ to, data, contractMethod, contractInputsValues }) =>
      data ? { to, customHexData: data } : { to, method: contractMethod.name, values: contractInputsValues },
    ),
    /** What the Safe sends. */
    calls: rest.transactions.map(({ to, value, data, contractMethod, contractInputsValues }) => ({
      to,
      value,
      data: data || encode(contractMethod, contractInputsValues),
    })),
  };
}

function encode(
  { name, inputs }: z.output<typeof batch>["transactions"][number]["contractMethod"],
  values: Readonly<Record<string, string>>,
): Hex {
  const item = { type: "function", name, inputs, outputs: [], stateMutability: "nonpayable" } as const;
  return encodeFunctionData({ abi: [item], args: inputs.map((input) => values[input.name]) });
}
