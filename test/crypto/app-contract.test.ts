import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { expect, it, test } from "vitest";
import {
  APP_CONTRACT_SELECTORS,
  COMPOSE_HASH_ADDED_TOPIC,
  encodeAddComposeHash,
  encodeAddDevice,
  encodeAllowedComposeHashes,
  encodeAllowedDeviceIds,
} from "../../src/crypto/app-contract.ts";
import { expectCryptoError } from "../support/expect-crypto-error.ts";
import vector from "../vectors/on-chain-call.json" with { type: "json" };

const word = hexToBytes(vector.composeHash);

it("writes the call data and the topic that viem writes", () => {
  expect(`0x${bytesToHex(encodeAddComposeHash(word))}`).toBe(vector.addComposeHashData);
  expect(`0x${bytesToHex(encodeAddDevice(word))}`).toBe(vector.addDeviceData);
  expect(COMPOSE_HASH_ADDED_TOPIC).toBe(vector.composeHashAddedTopic);
});

it("has the selectors of the reads", () => {
  // owner() is the widely known selector of every Ownable contract; the rest follow from their names.
  expect(APP_CONTRACT_SELECTORS).toEqual({
    owner: "0x8da5cb5b",
    allowedComposeHashes: "0x2f6622e5",
    allowAnyDevice: "0x3440a16a",
    allowedDeviceIds: "0xbf8b211b",
  });
});

it("writes the reads as selector and argument", () => {
  const { allowedComposeHashes, allowedDeviceIds } = APP_CONTRACT_SELECTORS;
  expect(`0x${bytesToHex(encodeAllowedComposeHashes(word))}`).toBe(allowedComposeHashes + vector.composeHash);
  expect(`0x${bytesToHex(encodeAllowedDeviceIds(word))}`).toBe(allowedDeviceIds + vector.composeHash);
});

test.each([encodeAddComposeHash, encodeAllowedComposeHashes, encodeAddDevice, encodeAllowedDeviceIds])(
  "%o takes 32 bytes and nothing else",
  (encode) => {
    expect(encode(word)).toHaveLength(36);
    for (const length of [0, 20, 31, 33])
      expectCryptoError(() => encode(new Uint8Array(length)), "bad-length");
  },
);
