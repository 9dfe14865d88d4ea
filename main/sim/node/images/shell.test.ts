import { describe, expect, it } from 'vitest'
import { shellProgram } from './shell.ts'

const START = Date.UTC(2026, 10, 20, 21, 0, 0)

/** Lines with the seconds at which they were written, and the exit code; stops after `limit` seconds. */
const play = (script: string, limit = 100) => {
  const program = shellProgram({
    argv: ['sh', '-c', script],
    env: { NAME: 'world' },
    hostname: 'web-1',
    podIP: '10.42.0.7',
    nodeName: 'mini-1',
    startedAt: START,
    tag: 'latest',
  })
  const lines: string[] = []
  let ms = 0
  const run = program.run()
  for (;;) {
    const next = run.next()
    if (next.done) return { lines, code: next.value, seconds: Math.floor(ms / 1000), program }
    if ('print' in next.value) lines.push(next.value.print)
    else ms += next.value.sleepMs
    if (ms > limit * 1000) return { lines, code: 'still running', seconds: limit, program }
  }
}

describe('the shell of busybox', () => {
  it.each<[string, string[], number | undefined]>([
    ['echo hello $NAME; exit 3', ['hello world'], 3],
    ['false', [], 1],
    ['true && echo yes || echo no', ['yes'], 0],
    ['false && echo yes || echo no', ['no'], 0],
    ['for i in 1 2 3; do echo "n $i"; done', ['n 1', 'n 2', 'n 3'], 0],
    ['i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done', ['1', '2', '3'], 0],
    ['echo a > /tmp/f; cat /tmp/f; rm /tmp/f; cat /tmp/f', ['a', "cat: can't open '/tmp/f': No such file or directory"], 1],
    ['echo \'$NAME\' "$(hostname)"', ['$NAME web-1'], 0],
    ['if [ -f /etc/hostname ]; then echo there; else echo absent; fi', ['there'], 0],
    ['date +%H:%M:%S; sleep 61; date +%H:%M:%S', ['21:00:00', '21:01:01'], 0],
    ['nosuch', ['sh: nosuch: not found'], 127],
    ['tail -f /dev/null', [], undefined],
    ['sleep infinity', [], undefined],
  ])('runs %s', (script, lines, code) => {
    const played = play(script)
    expect(played.lines).toEqual(lines)
    expect(played.code).toBe(code)
  })

  it('lets time pass in loops', () => {
    expect(play('while true; do echo tick; sleep 5; done', 21).lines).toHaveLength(5)
  })

  it('shows exec probes the files of the process', () => {
    const { program } = play('touch /tmp/healthy')
    expect(program.exec!(['cat', '/tmp/healthy'], START)).toEqual({ code: 0, output: '' })
    expect(program.exec!(['cat', '/tmp/absent'], START)).toEqual({ code: 1, output: "cat: can't open '/tmp/absent': No such file or directory" })
  })
})
