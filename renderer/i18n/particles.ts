/**
 * Korean particles change with the last sound of the word before them. `batchim` tells what that sound is: a final
 * consonant, a final ㄹ (which 으로/로 treats like a vowel), a vowel, or unknown for words whose Korean reading cannot be told.
 */
type Batchim = 'consonant' | 'rieul' | 'vowel' | 'unknown'

/** Final sounds of the digits' Korean readings: 영 일 이 삼 사 오 육 칠 팔 구. */
const DIGITS: readonly Batchim[] = ['consonant', 'rieul', 'vowel', 'consonant', 'vowel', 'vowel', 'consonant', 'rieul', 'rieul', 'vowel']
/** Latin letters after which the Korean reading is nearly certain, as the end of a word (`web` 웹, `pool` 풀, `main` 메인). */
const LETTERS: Readonly<Record<string, Batchim>> = {
  a: 'vowel',
  b: 'consonant',
  e: 'vowel',
  i: 'vowel',
  l: 'rieul',
  m: 'consonant',
  n: 'consonant',
  o: 'vowel',
  r: 'vowel',
  s: 'vowel',
  u: 'vowel',
  w: 'vowel',
  x: 'vowel',
  y: 'vowel',
  z: 'vowel',
  d: 'vowel',
  f: 'vowel',
  j: 'vowel',
  v: 'vowel',
}

const batchim = (word: string): Batchim => {
  const last = word.replace(/[^\p{L}\p{N}]+$/u, '').at(-1)
  if (last === undefined) return 'unknown'
  const syllable = last.charCodeAt(0) - 0xac00
  if (syllable >= 0 && syllable < 11172) {
    const final = syllable % 28
    return final === 0 ? 'vowel' : final === 8 ? 'rieul' : 'consonant'
  }
  if (last >= '0' && last <= '9') return DIGITS[Number(last)] ?? 'unknown'
  return LETTERS[last.toLowerCase()] ?? 'unknown'
}

/** The particle pairs we use, written as a grammar does: after a consonant / after a vowel. */
export const PARTICLES = ['은/는', '이/가', '을/를', '과/와', '으로/로', '이라는/라는'] as const
export type Particle = (typeof PARTICLES)[number]

/** The word with the form of the particle that fits it: `mini-3` + `을/를` = `mini-3을`. */
export const withParticle = (word: string, particle: Particle): string => {
  const [afterConsonant = '', afterVowel = ''] = particle.split('/')
  const sound = batchim(word)
  if (sound === 'unknown') return `${word}${particle === '으로/로' ? '(으)로' : `${afterConsonant}(${afterVowel})`}`
  return `${word}${sound === 'consonant' || (sound === 'rieul' && particle !== '으로/로') ? afterConsonant : afterVowel}`
}
