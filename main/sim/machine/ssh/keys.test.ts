import ssh2 from 'ssh2'
import { describe, expect, it } from 'vitest'
import { authorizedBlobs, generateHostKey } from './keys.ts'

describe('key pairs', () => {
  it('have their full length, also when a number begins with zeros', () => {
    // One key in 128 has a leading zero in its number or its point.
    for (let i = 0; i < 1000; i++) {
      const { private: secret, public: line } = generateHostKey('ed25519', 'root@mini-1')
      expect(authorizedBlobs(line)[0]).toHaveLength(51)
      const parsed = ssh2.utils.parseKey(secret)
      if (parsed instanceof Error) throw parsed
      const signature = parsed.sign('x')
      if (signature instanceof Error) throw signature
      expect(parsed.verify('x', signature)).toBe(true)
      expect(parsed.getPublicSSH()).toEqual(authorizedBlobs(line)[0])
    }
  })
})
