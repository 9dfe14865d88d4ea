import type { SimulatedMachine } from '../machine.ts'
import type { Command } from './command.ts'
import { columns, refuse } from './options.ts'

interface Link {
  readonly index: number
  readonly name: string
  readonly flags: readonly string[]
  readonly mtu: number
  readonly qdisc: string
  readonly state: string
  readonly type: string
  readonly mac: string
  readonly broadcast: string
  readonly addresses: readonly {
    readonly family: 'inet' | 'inet6'
    readonly local: string
    readonly length: number
    readonly broadcast?: string
    readonly scope: string
    readonly label?: string
  }[]
}

/** The IPv6 address a NIC gives itself on its link (EUI-64). */
const linkLocal = (mac: string): string => {
  const bytes = mac.split(':').map(part => Number.parseInt(part, 16))
  bytes[0]! ^= 2
  const eui = [...bytes.slice(0, 3), 0xff, 0xfe, ...bytes.slice(3)]
  return `fe80::${[0, 2, 4, 6].map(i => ((eui[i]! << 8) | eui[i + 1]!).toString(16)).join(':')}`
}

/** The NIC, loopback, and what K3s makes besides. */
const links = (machine: SimulatedMachine): readonly Link[] => {
  const { spec } = machine
  return [
    {
      index: 1,
      name: 'lo',
      flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
      mtu: 65536,
      qdisc: 'noqueue',
      state: 'UNKNOWN',
      type: 'loopback',
      mac: '00:00:00:00:00:00',
      broadcast: '00:00:00:00:00:00',
      addresses: [
        { family: 'inet', local: '127.0.0.1', length: 8, scope: 'host', label: 'lo' },
        { family: 'inet6', local: '::1', length: 128, scope: 'host' },
      ],
    },
    {
      index: 2,
      name: 'enp1s0',
      flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
      mtu: 1500,
      qdisc: 'fq_codel',
      state: 'UP',
      type: 'ether',
      mac: spec.mac,
      broadcast: 'ff:ff:ff:ff:ff:ff',
      addresses: [
        { family: 'inet', local: spec.address, length: 24, broadcast: spec.address.replace(/\d+$/, '255'), scope: 'global', label: 'enp1s0' },
        { family: 'inet6', local: linkLocal(spec.mac), length: 64, scope: 'link' },
      ],
    },
    ...machine.networkLinks.map((link, i) => ({
      index: 3 + i,
      name: link.name,
      flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
      mtu: link.mtu,
      qdisc: 'noqueue',
      state: link.name.startsWith('flannel') ? 'UNKNOWN' : 'UP',
      type: 'ether',
      mac: link.mac,
      broadcast: 'ff:ff:ff:ff:ff:ff',
      addresses: link.address
        ? [{ family: 'inet' as const, local: link.address.split('/')[0]!, length: Number(link.address.split('/')[1]), scope: 'global', label: link.name }]
        : [],
    })),
  ]
}

const OBJECTS = ['address', 'link', 'route', 'neigh', 'neighbor', 'rule'] as const

export const ip: Command = {
  name: 'ip',
  path: '/usr/sbin/ip',
  summary: 'show / manipulate routing, network devices, interfaces',
  run: async (context, argv) => {
    const { machine } = context
    const flags = argv.slice(1).filter(word => word.startsWith('-'))
    const words = argv.slice(1).filter(word => !word.startsWith('-'))
    const json = flags.some(flag => /^-(j|json)$/.test(flag))
    const pretty = flags.some(flag => /^-(p|pretty)$/.test(flag))
    const brief = flags.some(flag => /^-(br|brief)$/.test(flag))
    const family = flags.includes('-4') ? 'inet' : flags.includes('-6') ? 'inet6' : undefined
    const object = words[0] === undefined ? undefined : words[0] === 'a' ? 'address' : OBJECTS.find(name => name.startsWith(words[0]!))
    if (!object) {
      await context.stderr.write(
        words[0] === undefined
          ? 'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\nwhere  OBJECT := { address | link | route | neighbor | rule }\n       OPTIONS := { -4 | -6 | -j[son] | -p[retty] | -br[ief] | -s[tatistics] | -d[etails] }\n'
          : `Object "${words[0]}" is unknown, try "ip help".\n`,
      )
      return words[0] === undefined ? 255 : 1
    }
    const verb = words[1] ?? 'show'
    if (['add', 'del', 'delete', 'set', 'replace', 'flush', 'change'].includes(verb)) return refuse(context, 'RTNETLINK answers', 'Operation not permitted', 2)
    const dump = (value: unknown) => context.stdout.write(`${JSON.stringify(value, undefined, pretty ? 4 : undefined)}\n`)
    if (object === 'route') {
      if (verb === 'get') {
        const target = words[2] ?? ''
        const local = machine.spec.address.replace(/\d+$/, '')
        await context.stdout.write(
          target === machine.spec.address || target.startsWith('127.')
            ? `local ${target} dev lo src ${target} uid ${context.user.uid} \n    cache <local> \n`
            : `${target}${target.startsWith(local) ? '' : ` via ${machine.spec.gateway}`} dev enp1s0 src ${machine.spec.address} uid ${context.user.uid} \n    cache \n`,
        )
        return 0
      }
      const routes = [
        { dst: 'default', gateway: machine.spec.gateway, dev: 'enp1s0', protocol: 'static', flags: [] as string[] },
        ...machine.networkLinks
          .flatMap(link =>
            link.routes.map(({ dst, gateway }) =>
              gateway
                ? { dst, gateway, dev: link.name, flags: ['onlink'] }
                : { dst, dev: link.name, protocol: 'kernel', scope: 'link', prefsrc: link.address!.split('/')[0]!, flags: [] as string[] },
            ),
          )
          .toSorted((a, b) => (a.dst < b.dst ? -1 : 1)),
        {
          dst: machine.spec.address.replace(/\d+$/, '0/24'),
          dev: 'enp1s0',
          protocol: 'kernel',
          scope: 'link',
          prefsrc: machine.spec.address,
          flags: [] as string[],
        },
      ]
      if (words.includes('default')) routes.splice(1)
      if (family === 'inet6') await context.stdout.write('fe80::/64 dev enp1s0 proto kernel metric 256 pref medium\n')
      else if (json) await dump(routes)
      else
        await context.stdout.write(
          routes
            .map(
              route =>
                `${route.dst}${'gateway' in route ? ` via ${route.gateway}` : ''} dev ${route.dev} ${'protocol' in route ? `proto ${route.protocol} ` : ''}${route.flags.map(flag => `${flag} `).join('')}${'scope' in route ? `scope ${route.scope} src ${route.prefsrc} ` : ''}\n`,
            )
            .join(''),
        )
      return 0
    }
    if (object === 'neigh' || object === 'neighbor') {
      const rows = machine.neighbours.filter(other => other !== machine && other.power === 'on')
      if (json) await dump(rows.map(other => ({ dst: other.spec.address, dev: 'enp1s0', lladdr: other.spec.mac, state: ['REACHABLE'] })))
      else await context.stdout.write(rows.map(other => `${other.spec.address} dev enp1s0 lladdr ${other.spec.mac} REACHABLE \n`).join(''))
      return 0
    }
    if (object === 'rule') {
      await context.stdout.write('0:\tfrom all lookup local\n32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n')
      return 0
    }
    const device = words.slice(1).filter(word => !['show', 'sh', 's', 'ls', 'list', 'l', 'dev', 'up'].includes(word))[0]
    const chosen = links(machine).filter(link => device === undefined || link.name === device)
    if (chosen.length === 0) {
      await context.stderr.write(`Device "${device}" does not exist.\n`)
      return 1
    }
    const addresses = (link: Link) => (object === 'link' ? [] : link.addresses.filter(address => family === undefined || address.family === family))
    if (json) {
      await dump(
        chosen.map(link => ({
          ifindex: link.index,
          ifname: link.name,
          flags: link.flags,
          mtu: link.mtu,
          qdisc: link.qdisc,
          operstate: link.state,
          ...(object === 'link' && { linkmode: 'DEFAULT' }),
          group: 'default',
          txqlen: 1000,
          link_type: link.type,
          address: link.mac,
          broadcast: link.broadcast,
          ...(object === 'address' && {
            addr_info: addresses(link).map(address => ({
              family: address.family,
              local: address.local,
              prefixlen: address.length,
              ...(address.broadcast && { broadcast: address.broadcast }),
              scope: address.scope,
              ...(address.label && { label: address.label }),
              valid_life_time: 4_294_967_295,
              preferred_life_time: 4_294_967_295,
            })),
          }),
        })),
      )
      return 0
    }
    if (brief) {
      await context.stdout.write(
        columns(
          chosen.map(link =>
            object === 'link'
              ? [link.name.padEnd(16), link.state.padEnd(14), link.mac, `<${link.flags.join(',')}> `]
              : [
                  link.name.padEnd(16),
                  link.state.padEnd(14),
                  addresses(link)
                    .map(address => `${address.local}/${address.length} `)
                    .join(''),
                ],
          ),
          [],
          ' ',
        ),
      )
      return 0
    }
    for (const link of chosen) {
      let text = `${link.index}: ${link.name}: <${link.flags.join(',')}> mtu ${link.mtu} qdisc ${link.qdisc} state ${link.state} ${object === 'link' ? 'mode DEFAULT ' : ''}group default qlen 1000\n`
      if (family === undefined) text += `    link/${link.type} ${link.mac} brd ${link.broadcast}\n`
      for (const address of addresses(link))
        text += `    ${address.family} ${address.local}/${address.length}${address.broadcast ? ` brd ${address.broadcast}` : ''} scope ${address.scope}${address.label ? ` ${address.label}` : ''}${address.family === 'inet6' && link.name === 'lo' ? ' noprefixroute' : ''} \n       valid_lft forever preferred_lft forever\n`
      if (flags.some(flag => flag.startsWith('-s'))) {
        const counters = machine.counters.read()
        text += `    RX:  bytes packets errors dropped  missed   mcast           \n    ${String(counters.rxBytes).padStart(10)} ${Math.round(counters.rxBytes / 410)}      0       0       0       0 \n    TX:  bytes packets errors dropped carrier collsns           \n    ${String(counters.txBytes).padStart(10)} ${Math.round(counters.txBytes / 380)}      0       0       0       0 \n`
      }
      await context.stdout.write(text)
    }
    return 0
  },
}
