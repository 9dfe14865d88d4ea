import { describe, expect, it } from 'vitest'
import { hasShape, readCommand, splitLine } from './command.ts'

const matches = (line: string, pattern: string) => splitLine(line).some(argv => hasShape(readCommand(argv), readCommand(splitLine(pattern)[0]!)))

describe('splitLine', () => {
  it('splits as a shell does', () => {
    expect(splitLine(`kubectl get po -l 'app=a b' | grep "x y" && echo a\\ b; ls # not this`)).toEqual([
      ['kubectl', 'get', 'po', '-l', 'app=a b'],
      ['grep', 'x y'],
      ['echo', 'a b'],
      ['ls'],
    ])
  })

  it('keeps empty words and survives an open quote', () => {
    expect(splitLine(`echo '' "open`)).toEqual([['echo', '', 'open']])
  })
})

describe('hasShape', () => {
  it.each([
    'kubectl get nodes -o wide',
    'k get no -owide',
    'sudo k3s kubectl get node --output=wide',
    'kubectl -o wide get nodes',
    'KUBECONFIG=/tmp/x kubectl get nodes --output wide | cat',
    'kubectl get nodes mini-1 -o wide -w',
  ])('sees the wide list of nodes in %s', line => expect(matches(line, 'kubectl get nodes -o wide')).toBe(true))

  it.each(['kubectl get nodes', 'kubectl get pods -o wide', 'kubectl describe nodes', 'echo kubectl get nodes -o wide', 'kubectl get nodes -o json'])(
    'does not see it in %s',
    line => expect(matches(line, 'kubectl get nodes -o wide')).toBe(false),
  )

  it('matches any name and any value', () => {
    expect(matches('kubectl run webserver --replicas=3', 'kubectl run * --replicas')).toBe(true)
    expect(matches('kubectl run --replicas 3 webserver --image=nginx', 'kubectl run * --replicas')).toBe(true)
    expect(matches('kubectl run webserver --image=nginx', 'kubectl run * --replicas')).toBe(false)
  })
})
