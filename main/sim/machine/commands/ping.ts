import type { Command } from './command.ts'
import { readOptions, refuse } from './options.ts'

/** A round trip over one switch, and through the machine's own stack, in milliseconds. */
const LAN_MS = 0.42
const OWN_MS = 0.031

export const ping: Command = {
  name: 'ping',
  aliases: ['ping4'],
  summary: 'send ICMP ECHO_REQUEST to network hosts',
  run: async (context, argv) => {
    const options = await readOptions(context, argv, ['q', 'n', 'v', '4', '6', 'D', 'O', 'b', 'f'], ['c', 'i', 'W', 'w', 's', 't', 'I'])
    if (!options) return 2
    const host = options.operands[0]
    if (host === undefined) return refuse(context, 'ping', 'usage error: Destination address required', 1)
    const { machine } = context
    const address = machine.resolve(host)
    if (address === undefined) return refuse(context, 'ping', `${host}: Temporary failure in name resolution`, 2)
    const count = options.flags.has('c') ? Number(options.flags.get('c')) : Number.POSITIVE_INFINITY
    if (!(count >= 1)) return refuse(context, 'ping', `invalid argument: '${options.flags.get('c')}': out of range: 1 <= value <= 9223372036854775807`, 1)
    const interval = Math.max(0.002, Number(options.flags.get('i') ?? 1)) * 1000
    const deadline = options.flags.has('w') ? context.clock.now + Number(options.flags.get('w')) * 1000 : Number.POSITIVE_INFINITY
    const bytes = Number(options.flags.get('s') ?? 56)
    const own = address.startsWith('127.') || address === machine.spec.address
    const name = machine.neighbours.find(other => other.spec.address === address)?.hostname
    const from = name && name !== host && !/^\d/.test(host) ? host : /^\d/.test(host) ? address : `${host} (${address})`
    await context.stdout.write(`PING ${host} (${address}) ${bytes}(${bytes + 28}) bytes of data.\n`)
    const started = context.clock.now
    const times: number[] = []
    let sent = 0
    let unreachable = 0
    const summary = async () => {
      const elapsed = Math.round(context.clock.now - started)
      const loss = sent === 0 ? 0 : Math.round(((sent - times.length) / sent) * 100)
      let text = `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${times.length} received${unreachable > 0 ? `, +${unreachable} errors` : ''}, ${loss}% packet loss, time ${elapsed}ms\n`
      if (times.length > 0) {
        const average = times.reduce((sum, time) => sum + time, 0) / times.length
        const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - average) ** 2, 0) / times.length)
        text += `rtt min/avg/max/mdev = ${[Math.min(...times), average, Math.max(...times), deviation].map(value => value.toFixed(3)).join('/')} ms\n`
      }
      await context.stdout.write(text)
    }
    try {
      while (sent < count && context.clock.now < deadline) {
        sent++
        const target = own ? machine : machine.neighbours.find(other => other.spec.address === address)
        const reachable = target?.power === 'on' || address === machine.spec.gateway
        if (reachable) {
          const time = (own ? OWN_MS : LAN_MS) * (0.8 + context.random.next() * 0.5)
          times.push(time)
          if (!options.flags.has('q'))
            await context.stdout.write(
              `${bytes + 8} bytes from ${own && !/^\d/.test(host) ? `${host} (${address})` : from}: icmp_seq=${sent} ttl=64 time=${time.toPrecision(3)} ms\n`,
            )
        } else if (address.slice(0, address.lastIndexOf('.')) === machine.spec.address.slice(0, machine.spec.address.lastIndexOf('.'))) {
          unreachable++
          if (sent > 2 || count < 4) await context.stdout.write(`From ${machine.spec.address} icmp_seq=${sent} Destination Host Unreachable\n`)
        } else if (!own) {
          unreachable++
          await context.stdout.write(`From ${machine.spec.gateway} icmp_seq=${sent} Destination Host Unreachable\n`)
        }
        if (sent < count) await context.clock.sleep(interval, context.signal)
        else if (!reachable && unreachable === 0) await context.clock.sleep(Number(options.flags.get('W') ?? 10) * 1000, context.signal)
      }
    } catch (error) {
      if (!context.signal.aborted) throw error
      await summary()
      return times.length > 0 ? 0 : 1
    }
    await summary()
    return times.length > 0 ? 0 : 1
  },
}
