import { encodeFunctionData, type Hex, keccak256, toHex } from "viem";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createSafeBatch } from "../../src/crypto/safe-batch.ts";
import { APP_ABI } from "../support/chain/contracts.ts";
import { importSafeBatch } from "../support/chain/safe-transaction-builder.ts";

const APP: Hex = `0x${"ab".repeat(20)}`;
const HASH: Hex = `0x${"cd".repeat(32)}`;
const DEVICE: Hex = `0x${"ef".repeat(32)}`;

const file = createSafeBatch({
  chainId: 8453,
  name: "CVM update cdcdcdcd",
  description: "Lets the app boot.",
  createdAt: 1_764_000_000_000,
  calls: [
    { to: APP, method: "addDevice", argument: "deviceId", word: DEVICE },
    { to: APP, method: "addComposeHash", argument: "composeHash", word: HASH },
  ],
});

/** The file as a signer saves and opens it. */
const saved = z.record(z.string(), z.unknown()).parse(JSON.parse(JSON.stringify(file)));

describe("the Safe file, by the import rules of the Transaction Builder", () => {
  it("shows each call by its function and its value, and not as custom hex data", () => {
    expect(importSafeBatch(saved).shown).toEqual([
      { to: APP, method: "addDevice", values: { deviceId: DEVICE } },
      { to: APP, method: "addComposeHash", values: { composeHash: HASH } },
    ]);
  });

  it("encodes the calls that the gateway returns as transactions", () => {
    expect(importSafeBatch(saved).calls).toEqual([
      {
        to: APP,
        value: "0",
        data: encodeFunctionData({ abi: APP_ABI, functionName: "addDevice", args: [DEVICE] }),
      },
      {
        to: APP,
        value: "0",
        data: encodeFunctionData({ abi: APP_ABI, functionName: "addComposeHash", args: [HASH] }),
      },
    ]);
  });

  it("has a checksum that is valid, also after a signer renames the batch", () => {
    expect(importSafeBatch(saved).checksumIsValid).toBe(true);
    const renamed = { ...saved, meta: { ...file.meta, name: "Another name" } };
    expect(importSafeBatch(renamed).checksumIsValid).toBe(true);
    const edited = { ...saved, chainId: "1" };
    expect(importSafeBatch(edited).checksumIsValid).toBe(false);
  });

  it("is hashed in the text form that the builder uses, written out for one call", () => {
    const one = createSafeBatch({
      chainId: 1,
      name: "n",
      description: "d",
      createdAt: 7,
      calls: [{ to: APP, method: "m", argument: "a", word: HASH }],
    });
    const method =
      '{["inputs","name","payable"][{["internalType","name","type"]"bytes32","a","bytes32",}],"m",false,}';
    const call = `{["contractInputsValues","contractMethod","data","to","value"]{["a"]"${HASH}",},${method},null,"${APP}","0",}`;
    const text = `{["chainId","createdAt","meta","transactions","version"]"1",7,{["description","name"]"d",null,},[${call}],"1.0",}`;
    expect(one.meta.checksum).toBe(keccak256(toHex(text)));
  });
});
