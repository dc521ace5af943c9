import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { expect, it, test } from "vitest";
import {
  APP_CONTRACT_READS,
  APP_CONTRACT_WRITES,
  encodeAddComposeHash,
  encodeAddDevice,
  encodeAllowedComposeHashes,
  encodeAllowedDeviceIds,
} from "../../src/crypto/app-contract.ts";
import { expectCryptoError } from "../support/expect-crypto-error.ts";
import vector from "../vectors/on-chain-call.json" with { type: "json" };

const word = hexToBytes(vector.composeHash);

it("encodes the same call data and event topic as viem", () => {
  expect(`0x${bytesToHex(encodeAddComposeHash(word))}`).toBe(vector.addComposeHashData);
  expect(`0x${bytesToHex(encodeAddDevice(word))}`).toBe(vector.addDeviceData);
  expect(APP_CONTRACT_WRITES.addComposeHash.topic).toBe(vector.composeHashAddedTopic);
});

it("has the selectors of the reads", () => {
  // owner() is the well-known selector of every Ownable contract; the others follow from their signatures.
  const selectors = Object.entries(APP_CONTRACT_READS).map(([name, { selector }]) => [name, selector]);
  expect(Object.fromEntries(selectors)).toEqual({
    owner: "0x8da5cb5b",
    allowedComposeHashes: "0x2f6622e5",
    allowAnyDevice: "0x3440a16a",
    allowedDeviceIds: "0xbf8b211b",
  });
});

it("encodes a read as its selector and its argument", () => {
  const { allowedComposeHashes, allowedDeviceIds } = APP_CONTRACT_READS;
  const composeCall = `0x${bytesToHex(encodeAllowedComposeHashes(word))}`;
  expect(composeCall).toBe(allowedComposeHashes.selector + vector.composeHash);
  const deviceCall = `0x${bytesToHex(encodeAllowedDeviceIds(word))}`;
  expect(deviceCall).toBe(allowedDeviceIds.selector + vector.composeHash);
});

test.each([encodeAddComposeHash, encodeAllowedComposeHashes, encodeAddDevice, encodeAllowedDeviceIds])(
  "%o accepts exactly 32 bytes",
  (encode) => {
    expect(encode(word)).toHaveLength(36);
    for (const length of [0, 20, 31, 33])
      expectCryptoError(() => encode(new Uint8Array(length)), "bad-length");
  },
);
