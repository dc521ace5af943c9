/** Every copy of `bytes` with one byte changed: its lowest bit, its highest bit, all of its bits. */
export function* flipBytes(bytes: Uint8Array): Generator<{ at: string; flipped: Uint8Array }> {
  for (const [index, byte] of bytes.entries()) {
    for (const mask of [0x01, 0x80, 0xff]) {
      yield { at: `byte ${index} ^ 0x${mask.toString(16)}`, flipped: bytes.with(index, byte ^ mask) };
    }
  }
}
