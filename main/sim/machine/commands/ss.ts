import type { Command } from './command.ts'
import { columns } from './options.ts'

export const ss: Command = {
  name: 'ss',
  summary: 'investigate sockets',
  run: async (context, argv) => {
    const letters = argv
      .slice(1)
      .filter(word => /^-[a-zA-Z0-9]+$/.test(word))
      .join('')
    const listening = letters.includes('l') || argv.includes('--listening') || letters.includes('a')
    const processes = letters.includes('p') || argv.includes('--processes')
    const udpOnly = letters.includes('u') && !letters.includes('t')
    const both = letters.includes('t') === letters.includes('u')
    const header = [...(both ? ['Netid'] : []), 'State', 'Recv-Q', 'Send-Q', 'Local Address:Port', 'Peer Address:Port', 'Process']
    const rows: string[][] = []
    const show = (kind: string, state: string, queue: string, local: string, peer: string, process: string) =>
      rows.push([...(both ? [kind] : []), state, '0', queue, local, peer, processes && context.user.uid === 0 ? process : ''])
    if (listening && (both || udpOnly)) show('udp', 'UNCONN', '0', '127.0.0.53%lo:53', '0.0.0.0:*', 'users:(("systemd-resolve",pid=640,fd=13))')
    if (listening && !udpOnly)
      for (const listener of context.machine.listeners.toSorted((a, b) => a.port - b.port))
        show(
          'tcp',
          'LISTEN',
          '4096',
          `${listener.address ?? '*'}:${listener.port}`,
          listener.address ? '0.0.0.0:*' : '*:*',
          `users:(("${listener.process}",pid=${listener.pid},fd=${3 + (listener.port % 20)}))`,
        )
    if (!listening || letters.includes('a')) {
      if (!udpOnly)
        for (const [i, session] of context.machine.logins.sessions.entries())
          show('tcp', 'ESTAB', '0', `${context.machine.spec.address}:22`, `${session.from}:${51_000 + i}`, `users:(("sshd",pid=${5000 + i * 40},fd=4))`)
    }
    await context.stdout.write(columns([header, ...rows], [], ' '))
    return 0
  },
}
