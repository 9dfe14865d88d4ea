import { expect, test } from 'vitest'
import { withParticle, type Particle } from './particles.ts'

test.each<[string, Particle, string]>([
  ['노드', '을/를', '노드를'],
  ['클러스터', '은/는', '클러스터는'],
  ['책상', '이/가', '책상이'],
  ['서울', '으로/로', '서울로'],
  ['책', '으로/로', '책으로'],
  ['서울', '을/를', '서울을'],
  ['mini-1', '이/가', 'mini-1이'],
  ['mini-2', '이/가', 'mini-2가'],
  ['mini-3', '을/를', 'mini-3을'],
  ['mini-1', '으로/로', 'mini-1로'],
  ['https://127.0.0.1:6443', '이/가', 'https://127.0.0.1:6443이'],
  ['server', '과/와', 'server와'],
  ['main', '이라는/라는', 'main이라는'],
  ['(노드)', '은/는', '(노드)는'],
  ['disk', '을/를', 'disk을(를)'],
  ['rack', '으로/로', 'rack(으)로'],
])('%s with %s is %s', (word, particle, expected) => expect(withParticle(word, particle)).toBe(expected))
