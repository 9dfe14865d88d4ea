import { describe, expect, it } from 'vitest'
import { checkLayers, importsOf, judge } from './layers.ts'

describe('layers', () => {
  it('refuses every import that points upwards or sideways', () => {
    const refused: [string, string, string | undefined][] = [
      ['shared/domain/x.ts', '../../main/kube/y.ts', 'main/kube/y.ts'],
      ['renderer/app/x.tsx', '../../main/services/y.ts', 'main/services/y.ts'],
      ['renderer/app/x.tsx', 'node:fs', undefined],
      ['shared/domain/x.ts', 'fs', undefined],
      ['main/sim/homelab.ts', '../kube/y.ts', 'main/kube/y.ts'],
      ['main/kube/x.ts', '../services/y.ts', 'main/services/y.ts'],
      ['main/services/labs/x.ts', '../../sim/store/store.ts', 'main/sim/store/store.ts'],
      ['main/services/labs/x.ts', 'electron', undefined],
      ['main/browser-host/x.ts', '../sim/index.ts', 'main/sim/index.ts'],
      ['elsewhere/x.ts', './y.ts', 'elsewhere/y.ts'],
      ['main/electron/x.ts', '../browser-host/y.ts', 'main/browser-host/y.ts'],
    ]
    for (const [path, specifier, target] of refused) expect(judge(path, specifier, target), `${path} → ${specifier}`).toBeTypeOf('string')
  })

  it('allows what the architecture draws', () => {
    const allowed: [string, string, string | undefined][] = [
      ['renderer/app/x.tsx', '../../shared/contract/contract.ts', 'shared/contract/contract.ts'],
      ['main/services/homelabs/worker.ts', '../../sim/index.ts', 'main/sim/index.ts'],
      ['main/electron/main.ts', 'electron', undefined],
      ['main/ssh/x.ts', 'node:net', undefined],
    ]
    for (const [path, specifier, target] of allowed) expect(judge(path, specifier, target), `${path} → ${specifier}`).toBeUndefined()
  })

  it('sees static, type, re-exported and dynamic imports', () => {
    const source = `import a from './a.ts'\nimport type { B } from './b.ts'\nexport { c } from './c.ts'\nexport * from './d.ts'\nconst e = await import('./e.ts')\n`
    expect(importsOf('x.ts', source).map(found => found.specifier)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts'])
  })

  it('finds the tree in order', () => {
    expect(checkLayers()).toEqual([])
  })
})
