/** Seeded randomness: the same seed gives the same draws. Each component takes a stream of its own by name. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** An integer in [0, limit). */
  below(limit: number): number
  /** `length` characters of the alphabet Kubernetes uses for generated names (k8s.io/apimachinery/pkg/util/rand). */
  suffix(length: number): string
  /** An RFC 4122 version 4 UUID. */
  uuid(): string
  /** A stream that is independent of this one's position, derived from the seed and `name`. */
  stream(name: string): Random
}

const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** Eight hexadecimal digits of an unsigned word. */
const hex = (word: number): string => word.toString(16).padStart(8, '0')

/** 32-bit FNV-1a; also what Kubernetes hashes pod templates with. */
export const fnv1a32 = (text: string | Uint8Array): number => {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  let hash = 0x811c9dc5
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  return hash >>> 0
}

/** xoshiro128** seeded through splitmix32; public-domain algorithms by Blackman and Vigna. */
export const seededRandom = (seed: number): Random => {
  let mix = seed >>> 0
  const splitmix = () => {
    mix = (mix + 0x9e3779b9) >>> 0
    let z = mix
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
    return (z ^ (z >>> 16)) >>> 0
  }
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()]
  const rotl = (x: number, k: number) => ((x << k) | (x >>> (32 - k))) >>> 0
  const word = () => {
    const result = Math.imul(rotl(Math.imul(b, 5) >>> 0, 7), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotl(d, 11)
    return result
  }
  const random: Random = {
    next: () => word() / 0x1_0000_0000,
    below: limit => Math.floor((word() / 0x1_0000_0000) * limit),
    suffix: length => {
      let text = ''
      for (let i = 0; i < length; i++) text += SAFE_ALPHABET[random.below(SAFE_ALPHABET.length)]
      return text
    },
    uuid: () => {
      const first = hex(word())
      const second = hex(((word() & 0xffff0fff) | 0x4000) >>> 0)
      const third = hex(((word() & 0x3fffffff) | 0x80000000) >>> 0)
      return `${first}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${hex(word())}`
    },
    stream: name => seededRandom((fnv1a32(name) ^ Math.imul(seed, 0x9e3779b1)) >>> 0),
  }
  return random
}
